const { createInstance, Identify } = require("@amplitude/analytics-node");
const { url, key, wrong, visitor, user, company, email, plan, earlier } = require("./told");

const options = { serverUrl: `${url}/2/httpapi`, minIdLength: 1, flushMaxRetries: 1, logLevel: 0 };

async function tell() {
  const own = createInstance();
  await own.init(key, options).promise;
  own.track("Visited", {}, { device_id: visitor, time: earlier(5).getTime() });
  own.track("Signed Up", plan, { user_id: user, device_id: visitor });
  own.identify(new Identify().set("email", email), { user_id: user });
  own.track("Visited", {}, { device_id: visitor, time: earlier(4).getTime() });
  own.setGroup("company", company, { user_id: user });
  own.groupIdentify("company", company, new Identify().set("name", "Acme"), { user_id: user });
  await own.flush().promise;
  const lost = createInstance();
  await lost.init(wrong, options).promise;
  lost.track("Lost", {}, { user_id: user });
  await lost.flush().promise;
}

tell().then(() => process.exit(0));

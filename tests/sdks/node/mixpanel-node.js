const { promisify } = require("node:util");
const Mixpanel = require("mixpanel");
const { port, key, wrong, visitor, user, company, email, plan } = require("./told");

const to = { host: `127.0.0.1:${port}`, protocol: "http" };

async function tell() {
  const own = Mixpanel.init(key, to);
  const track = promisify(own.track.bind(own));
  await track("Visited", { distinct_id: visitor });
  await track("Signed Up", { distinct_id: user, ...plan });
  await promisify(own.alias.bind(own))(user, visitor);
  await promisify(own.people.set.bind(own.people))(user, { $email: email });
  const late = { event: "Visited", properties: { distinct_id: visitor } };
  await promisify(own.track_batch.bind(own))([late]);
  await promisify(own.groups.set.bind(own.groups))("company", company, { name: "Acme" });
  const lost = Mixpanel.init(wrong, to);
  await promisify(lost.track.bind(lost))("Lost", { distinct_id: user }).catch(() => {});
}

tell();

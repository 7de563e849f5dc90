const Analytics = require("@rudderstack/rudder-sdk-node");
const { url, key, wrong, visitor, user, old, company, email, plan, earlier } = require("./told");

async function tell() {
  const own = new Analytics(key, { dataPlaneUrl: url, logLevel: "silly" });
  own.track({ anonymousId: visitor, event: "Visited", originalTimestamp: earlier(5) });
  own.identify({ userId: user, anonymousId: visitor, traits: { email } });
  own.track({ userId: user, event: "Signed Up", properties: plan });
  own.track({ anonymousId: visitor, event: "Visited", originalTimestamp: earlier(4) });
  own.page({ userId: user, name: "Home", category: "Docs" });
  own.track({ userId: old, event: "Renewed" });
  own.alias({ userId: user, previousId: old });
  own.group({ userId: user, groupId: company, traits: { name: "Acme" } });
  await own.flush();
  // Without an errorHandler a refusal ends the process.
  const lost = new Analytics(wrong, { dataPlaneUrl: url, errorHandler: () => {}, retryCount: 1 });
  lost.track({ userId: user, event: "Lost" });
  await lost.flush();
}

tell().then(() => process.exit(0));

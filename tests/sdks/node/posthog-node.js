const { PostHog } = require("posthog-node");
const { url, key, wrong, visitor, user, company, email, plan, earlier } = require("./told");

async function tell() {
  const own = new PostHog(key, { host: url, fetchRetryCount: 1 });
  own.capture({ distinctId: visitor, event: "Visited", timestamp: earlier(5) });
  own.alias({ distinctId: user, alias: visitor });
  own.identify({ distinctId: user, properties: { email } });
  own.capture({ distinctId: user, event: "Signed Up", properties: plan });
  own.capture({ distinctId: visitor, event: "Visited", timestamp: earlier(4) });
  own.capture({ distinctId: user, event: "$pageview" });
  own.groupIdentify({ groupType: "company", groupKey: company, properties: { name: "Acme" } });
  await own.shutdown();
  const lost = new PostHog(wrong, { host: url, fetchRetryCount: 1 });
  lost.capture({ distinctId: user, event: "Lost" });
  await lost.shutdown();
}

tell();

const { Analytics } = require("@segment/analytics-node");
const { url, key, wrong, visitor, user, old, company, email, plan, earlier } = require("./told");

async function tell() {
  const own = new Analytics({ writeKey: key, host: url, maxRetries: 1 });
  own.track({ anonymousId: visitor, event: "Visited", timestamp: earlier(5) });
  own.identify({ userId: user, anonymousId: visitor, traits: { email } });
  own.track({ userId: user, event: "Signed Up", properties: plan });
  own.track({ anonymousId: visitor, event: "Visited", timestamp: earlier(4) });
  own.page({ userId: user, name: "Home", category: "Docs" });
  own.track({ userId: old, event: "Renewed" });
  own.alias({ userId: user, previousId: old });
  own.group({ userId: user, groupId: company, traits: { name: "Acme" } });
  await own.closeAndFlush();
  const lost = new Analytics({ writeKey: wrong, host: url, maxRetries: 1 });
  lost.on("error", () => {});
  lost.track({ userId: user, event: "Lost" });
  await lost.closeAndFlush({ timeout: 3000 });
}

tell();

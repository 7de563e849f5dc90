const { newTracker, buildPageView, buildSelfDescribingEvent, buildStructEvent } =
  require("@snowplow/node-tracker");
const { url, key, wrong, visitor, user, plan, pause } = require("./told");

const visited = () => buildStructEvent({ category: "site", action: "Visited" });
const tracker = (appId) =>
  newTracker(
    { namespace: appId, appId, encodeBase64: true },
    { endpoint: url, bufferSize: 1, retryFailedRequests: false },
  );

async function tell() {
  const own = tracker(key);
  own.setDomainUserId(visitor);
  own.track(visited());
  own.setUserId(user);
  const event = { schema: "iglu:com.acme/Signed Up/jsonschema/1-0-0", data: plan };
  own.track(buildSelfDescribingEvent({ event }));
  own.track(buildPageView({ pageUrl: "http://shop.example/", pageTitle: "Home" }));
  own.track(visited());
  own.flush();
  await pause(1500);
  const lost = tracker(wrong);
  lost.track(buildStructEvent({ category: "site", action: "Lost" }));
  lost.flush();
  await pause(500);
}

tell().then(() => process.exit(0));

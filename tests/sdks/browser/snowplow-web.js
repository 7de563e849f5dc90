async ({ url, key, wrong, user, plan }) => {
  const { newTracker, ...sp } = snowplowBrowserTracking;
  newTracker("own", url, { appId: key });
  sp.trackStructEvent({ category: "site", action: "Visited" });
  sp.setUserId(user);
  const schema = "iglu:com.acme/Signed Up/jsonschema/1-0-0";
  sp.trackSelfDescribingEvent({ event: { schema, data: plan } });
  sp.trackPageView({ title: "Home" });
  newTracker("lost", url, { appId: wrong, retryFailedRequests: false });
  sp.trackStructEvent({ category: "site", action: "Lost" }, ["lost"]);
};

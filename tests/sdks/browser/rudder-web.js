// `configUrl` is where its settings are fetched, the data plane where events go.
// A window has one; the wrong key is used in a frame.
async ({ url, key, wrong, user, old, company, email, plan }) => {
  const load = (writeKey, { rudderanalytics }) => {
    const loaded = new rudderanalytics.RudderAnalytics();
    loaded.load(writeKey, url, { configUrl: url, queueOptions: { maxAttempts: 1 } });
    return loaded;
  };
  const own = load(key, window);
  own.track("Visited");
  own.identify(user, { email });
  own.track("Signed Up", plan);
  own.page("Docs", "Home");
  own.alias(user, old);
  own.group(company, { name: "Acme" });
  const frame = document.body.appendChild(document.createElement("iframe"));
  const script = frame.contentDocument.createElement("script");
  script.src = document.scripts[0].src;
  frame.contentDocument.body.appendChild(script);
  await new Promise((loaded) => (script.onload = loaded));
  load(wrong, frame.contentWindow).track("Lost");
};

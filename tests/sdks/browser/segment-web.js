// `cdnURL` is where its settings are fetched, `apiHost` where events go.
async ({ url, key, wrong, user, old, company, email, plan }) => {
  const load = (writeKey) =>
    AnalyticsNext.AnalyticsBrowser.load(
      { writeKey, cdnURL: url },
      {
        integrations: {
          "Segment.io": { apiHost: `${new URL(url).host}/v1`, protocol: "http" },
        },
      },
    );
  const own = load(key);
  await own.track("Visited");
  await own.identify(user, { email });
  await own.track("Signed Up", plan);
  await own.page("Docs", "Home");
  await own.alias(user, old);
  await own.group(company, { name: "Acme" });
  await load(wrong).track("Lost");
};

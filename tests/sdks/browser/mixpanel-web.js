async ({ url, key, wrong, user, old, company, email, plan }) => {
  const options = { api_host: url, batch_flush_interval_ms: 250, track_pageview: false };
  mixpanel.init(key, options);
  mixpanel.track("Visited");
  mixpanel.identify(user);
  mixpanel.people.set({ $email: email });
  mixpanel.track("Signed Up", plan);
  mixpanel.track_pageview();
  mixpanel.set_group("company", company);
  mixpanel.get_group("company", company).set("name", "Acme");
  mixpanel.init(wrong, { ...options, batch_requests: false }, "lost");
  mixpanel.lost.track("Lost");
};

// It takes a browser without a head for a robot, unless it is told not to look.
async ({ url, key, wrong, user, old, company, email, plan }) => {
  const { default: posthog } = await import("/posthog-js/dist/module.full.no-external.js");
  const options = {
    api_host: url,
    opt_out_useragent_filter: true,
    capture_pageview: false,
    request_queue_config: { flush_interval_ms: 250 },
  };
  posthog.init(key, options);
  posthog.capture("Visited");
  posthog.identify(user, { email });
  posthog.capture("Signed Up", plan);
  posthog.capture("$pageview");
  posthog.alias(old);
  posthog.group("company", company, { name: "Acme" });
  posthog.init(wrong, options, "lost");
  posthog.lost.capture("Lost");
};

async ({ url, key, wrong, user, company, email, plan }) => {
  const options = {
    serverUrl: `${url}/2/httpapi`,
    fetchRemoteConfig: false,
    autocapture: false,
    flushMaxRetries: 1,
    minIdLength: 1,
  };
  const own = amplitude.createInstance();
  await own.init(key, options).promise;
  own.track("Visited");
  own.setUserId(user);
  own.identify(new amplitude.Identify().set("email", email));
  own.track("Signed Up", plan);
  own.track("[Amplitude] Page Viewed", { "[Amplitude] Page Path": "/" });
  own.setGroup("company", company);
  own.groupIdentify("company", company, new amplitude.Identify().set("name", "Acme"));
  await own.flush().promise;
  const lost = amplitude.createInstance();
  await lost.init(wrong, { ...options, instanceName: "lost" }).promise;
  lost.track("Lost");
  await lost.flush().promise;
};

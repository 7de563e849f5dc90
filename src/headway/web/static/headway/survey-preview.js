// The form of a survey, shown by the script that asks in the pages of others.
"use strict";
(() => {
  const form = document.querySelector("[data-survey-form]"), into = document.getElementById("survey-preview");
  if (!form || !into || !window.headway) return;
  const of = (name) => form.elements[name]?.value || "";
  function draw() {
    const texts = {};
    for (const name of ["question", "low", "high", "comment", "send", "close", "thanks"]) texts[name] = of(`t0-${name}`);
    texts.send ||= "Send";
    texts.close ||= "Close";
    const kind = form.dataset.kind || of("kind");
    window.headway("preview", { key: "preview", kind, texts: { [of("t0-language") || "en"]: texts } }, into);
  }
  form.addEventListener("input", draw);
  draw();
})();

// Conveniences only: every page works without this file.
"use strict";

function fitToScript(part) {
  for (const control of part.querySelectorAll(".needs-script")) control.hidden = false;
  for (const control of part.querySelectorAll(".needs-no-script")) control.hidden = true;
}
fitToScript(document);
document.addEventListener("htmx:load", (event) => fitToScript(event.target));

// Light or dark: a choice outlives the session in a cookie, so that the server draws it at once.
document.querySelector("[data-theme-switch]")?.addEventListener("click", () => {
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  const now = document.documentElement.dataset.theme || system;
  const next = now === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax`;
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("[data-submit-on-change]");
  if (form) form.requestSubmit();
});

for (const opener of document.querySelectorAll("[data-open]")) {
  opener.addEventListener("click", () => document.getElementById(opener.dataset.open).showModal());
}

document.addEventListener("click", (event) => {
  const fill = event.target.closest("[data-fill]");
  if (fill) {
    const field = document.getElementById(fill.dataset.fill);
    field.value = fill.dataset.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard.writeText(document.getElementById(copy.dataset.copy).textContent.trim());
  for (const menu of document.querySelectorAll("details.switch[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});

// In the list of check-ins, Enter saves the row in which one types.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
  if (!event.target.closest(".check-ins .check-in input:not([type=checkbox])")) return;
  event.preventDefault();
  event.target.closest(".check-in").querySelector("button.primary").click();
});

// A saved check-in is said, and the next one takes the focus; after the last, the way home does.
// One with a mistake keeps the focus, in the field that is wrong.
document.addEventListener("htmx:afterSettle", () => {
  const wrong = document.querySelector(".check-in:not([data-said]) .has-error input, .check-in:not([data-said]):has([role=alert]) input:not([type=hidden])");
  const done = [...document.querySelectorAll(".check-in-done:not([data-said])")];
  if (!done.length) {
    wrong?.focus();
    return;
  }
  for (const one of done) one.dataset.said = "";
  const all = [...document.querySelectorAll(".check-in")];
  const left = all.filter((one) => !one.matches(".check-in-done"));
  const said = document.getElementById("said");
  if (said) said.textContent = `${done[0].querySelector(".notice").textContent.trim()} ${left.length} left.`;
  const after = all.slice(all.indexOf(done[0])).find((one) => left.includes(one)) ?? left[0];
  const next = after?.querySelector("input:not([type=hidden])") ?? document.querySelector("nav a");
  next.focus();
});

// Keys: one letter, or `g` and a letter within a second. Never while somebody types.
let before = "";
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.target.closest("main form")?.requestSubmit();
    return;
  }
  if (event.key === "Escape") document.getElementById("suggestions")?.replaceChildren();
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
  if (event.key === "/") {
    event.preventDefault();
    document.getElementById("search")?.focus();
  } else if (event.key === "?") {
    document.getElementById("keys")?.showModal();
  } else {
    const pressed = before ? `${before} ${event.key}` : event.key;
    document.querySelector(`[data-keys] [data-key="${pressed.replace(/["\\]/g, "")}"]`)?.click();
    before = event.key === "g" ? "g" : "";
    setTimeout(() => { before = ""; }, 1000);
  }
});

// Conveniences only: every page works without this file.
"use strict";

for (const control of document.querySelectorAll(".needs-script")) control.hidden = false;
for (const control of document.querySelectorAll(".needs-no-script")) control.hidden = true;

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

// A saved check-in is said, and the next one takes the focus; after the last, the way home does.
document.addEventListener("htmx:afterSettle", () => {
  const done = [...document.querySelectorAll(".check-in-done:not([data-said])")];
  if (!done.length) return;
  for (const one of done) one.dataset.said = "";
  const left = document.querySelectorAll(".check-in form");
  const said = document.getElementById("said");
  if (said) said.textContent = `${done[0].querySelector(".notice").textContent.trim()} ${left.length} left.`;
  const next = left[0]?.querySelector("input:not([type=hidden])") ?? document.querySelector("nav a");
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

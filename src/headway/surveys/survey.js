// Surveys of Headway: no cookie, no other host, nothing but this file.
(() => {
const script = document.currentScript || document.querySelector("script[src*='/survey.js']");
if (!script || window.headway?.here) return;
const root = document.documentElement, at = new URL(script.src).origin, given = script.dataset, DAY = 864e5;
const ENDS = { nps: [0, 10], csat: [1, 5], ces: [1, 7] };
const me = { properties: {} };
let surveys = [], timers = [], open;

// What is kept in the browser: who was asked what, and what is still to be sent.
let kept = { seen: {} }, waits = [], lasting = true;
const read = (name, empty) => JSON.parse(localStorage.getItem("headway." + name)) || empty;
const write = (name, value) => localStorage.setItem("headway." + name, JSON.stringify(value));
try {
  kept = read("asked", kept);
  kept.id ||= random();
  write("asked", kept);
} catch { lasting = false; }
kept.id ||= random();
function random() {
  return [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join("");
}
function queue(change) {
  try {
    waits = read("queue", []);
    waits = change(waits).slice(-200);
    write("queue", waits);
  } catch { waits = change(waits); }
}

function say(what, survey, more) {
  const event = { id: random(), what, survey: survey.key, kind: survey.kind, at: Date.now(), person: kept.id,
    page: location.pathname, ...me, ...more };
  queue((q) => [...q, event]);
  send();
}
let sending = false, again;
async function send() {
  if (sending) return;
  sending = true;
  clearTimeout(again);
  try {
    queue((q) => q);
    while (waits.length) {
      const events = waits.slice(0, 20), ids = new Set(events.map((e) => e.id));
      const body = JSON.stringify({ key: given.key, sent: Date.now(), events });
      const answer = await fetch(at + "/survey", { method: "POST", body, keepalive: true, credentials: "omit" });
      // What was refused is refused for ever; a busy server is asked later.
      if (answer.status === 429 || answer.status >= 500) throw answer;
      queue((q) => q.filter((e) => !ids.has(e.id)));
    }
  } catch { again = setTimeout(send, 30000); }
  sending = false;
}
addEventListener("online", send);

// The same person is always in the same share of a survey: FNV-1a, well mixed, of both.
function part(text) {
  let h = 2166136261;
  for (const b of new TextEncoder().encode(text)) h = Math.imul(h ^ b, 16777619);
  h = Math.imul(h ^ (h >>> 16), 2246822507);
  h = Math.imul(h ^ (h >>> 13), 3266489909);
  return ((h ^ (h >>> 16)) >>> 0) / 4294967296;
}
const fits = (pattern, text) =>
  new RegExp("^" + pattern.split("*").map((p) => p.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*") + "$").test(text);
const onPage = (s) => !s.pages.length ||
  s.pages.some((p) => fits(p, p.includes("://") ? location.href : location.pathname));
const meant = (s) => Object.entries(s.where).every(([name, any]) =>
  any.some((v) => String(v) === String(me.properties[name])));
function mayAsk(s) {
  if (!lasting || open || part((me.user || kept.id) + ":" + s.key) >= s.share) return false;
  const now = Date.now(), last = Math.max(0, ...Object.values(kept.seen));
  return now - (kept.seen[s.key] || 0) >= s.again * DAY && now - last >= s.rest * DAY;
}
function look() {
  timers.forEach(clearTimeout);
  timers = surveys.filter((s) => !s.event && onPage(s) && meant(s)).map((s) =>
    setTimeout(ask, s.after * 1000, s));
}
function ask(s) {
  // Another tab may have asked meanwhile.
  try { kept = read("asked", kept); } catch {}
  if (mayAsk(s)) show(s);
}

function textsOf(s) {
  const tags = Object.keys(s.texts), same = (a, b) => a.toLowerCase() === b.toLowerCase();
  for (const wish of [me.language, root.lang, ...navigator.languages].filter(Boolean)) {
    const tag = tags.find((t) => same(t, wish)) || tags.find((t) => same(t.split("-")[0], wish.split("-")[0]));
    if (tag) return [tag, s.texts[tag]];
  }
  return [tags[0], s.texts[tags[0]]];
}

const DARK = "--b:#1d2126;--t:#f0f2f4;--s:#b3bac3;--l:#8a929c;--a:#9dbcff;--o:#10131a;color-scheme:dark";
const CSS = `:host{all:initial}
section{--b:#fff;--t:#1a1d21;--s:#565d66;--l:#7b828c;--a:#1d4fd8;--o:#fff;box-sizing:border-box;position:fixed;z-index:2147483000;
inset:auto 16px 16px auto;width:min(580px,100vw - 32px);max-height:calc(100vh - 32px);overflow:auto;padding:12px;color:var(--t);background:var(--b);
border:1px solid var(--l);border-radius:10px;box-shadow:0 8px 30px #0004;font:16px/1.4 system-ui,sans-serif;color-scheme:light}
section.in{position:static;width:auto;box-shadow:none}
@media(prefers-color-scheme:dark){section:not(.light){${DARK}}}
section.dark{${DARK}}
@media(prefers-reduced-motion:no-preference){section:not(.in){animation:i .2s ease-out}@keyframes i{from{opacity:0;transform:translateY(8px)}}}
fieldset{border:0;margin:0;padding:0;min-width:0}legend,.q{padding:0 48px 12px 0;margin:0;font-weight:600;display:block}
.r{display:grid;grid-template-columns:repeat(auto-fit,minmax(46px,1fr));gap:1px}
.r label{position:relative;display:grid;place-items:center;min-height:46px;border:1px solid var(--l);border-radius:6px;cursor:pointer}
.r input{position:absolute;inset:0;width:100%;height:100%;margin:0;opacity:0;cursor:pointer}
.r label:has(:checked){background:var(--a);color:var(--o);border-color:var(--a);font-weight:600}
.r label:has(:focus-visible),button:focus-visible,textarea:focus-visible{outline:3px solid var(--a);outline-offset:2px}
@media(forced-colors:active){.r label:has(:checked){outline:4px solid Highlight}}
.e{display:flex;justify-content:space-between;gap:16px;margin:6px 0 0;color:var(--s);font-size:14px}
.c{display:grid;gap:6px;margin-top:12px}textarea{box-sizing:border-box;width:100%;min-height:72px;font:inherit;color:inherit;background:transparent;border:1px solid var(--l);border-radius:6px;padding:8px}
button{font:inherit;min-height:44px;min-width:44px;padding:0 18px;border:1px solid var(--a);border-radius:6px;background:var(--a);color:var(--o);cursor:pointer}
form button{margin-top:12px}.x{position:absolute;inset:8px 8px auto auto;padding:0;background:none;color:inherit;border-color:transparent;font-size:22px}
.in .x{display:none}.h{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.y{margin:0;padding-right:48px;outline:0}`;

function make(tag, fields, ...inside) {
  const e = Object.assign(document.createElement(tag), fields);
  e.append(...inside);
  return e;
}
// `into` is the place of a preview, from which nothing is sent; `wanted`: the person asked for it.
function show(s, { into, wanted } = {}) {
  const [tag, t] = textsOf(s), ends = ENDS[s.kind], host = make("div", { lang: tag }), shadow = host.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);
  shadow.adoptedStyleSheets = [sheet];
  const status = make("p", { className: "h", role: "status" });
  const area = make("textarea", { name: "text", maxLength: 4000, required: !ends, dir: "auto" });
  const words = !ends ? t.question : t.comment;
  const form = make("form", {});
  if (ends) {
    const row = make("div", { className: "r" });
    for (let n = ends[0]; n <= ends[1]; n++) {
      const end = n === ends[0] ? t.low : n === ends[1] ? t.high : "";
      row.append(make("label", {}, make("input", { type: "radio", name: "score", value: n, required: true }), n,
        make("span", { className: "h" }, end && " " + end)));
    }
    form.append(make("fieldset", {}, make("legend", { id: "q", dir: "auto" }, t.question), row));
    if (t.low || t.high) {
      form.append(make("p", { className: "e", ariaHidden: "true" }, make("span", {}, t.low), make("span", {}, t.high)));
    }
  }
  if (words) form.append(make("label", { className: "c" }, make("span", { className: ends ? "" : "q", dir: "auto" }, words), area));
  form.append(make("button", { type: "submit" }, t.send));
  const close = make("button", { type: "button", className: "x", title: t.close, ariaLabel: t.close }, "×");
  const box = make("section", { className: (into ? "in " : "") + (root.dataset.theme || given.theme || ""), ariaLabel: t.question }, form, close, status);
  shadow.append(box);
  (into || document.body).append(host);
  if (into) {
    form.onsubmit = (event) => event.preventDefault();
    return;
  }
  let before = document.activeElement, answered = false, end;
  const leave = () => {
    clearTimeout(end);
    const inside = shadow.activeElement;
    host.remove();
    open = 0;
    if (inside) before?.focus?.();
    if (!answered) say("dismissed", s, { language: tag });
  };
  open = 1;
  kept.seen[s.key] = Date.now();
  try { write("asked", kept); } catch {}
  say("shown", s, { language: tag });
  box.addEventListener("focusin", ({ relatedTarget: from }) => { if (from && !shadow.contains(from)) before = from; });
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    leave();
  });
  close.onclick = leave;
  form.onsubmit = (event) => {
    event.preventDefault();
    const said = new FormData(form), text = (said.get("text") || "").trim();
    if (!ends && !text) return area.focus();
    answered = true;
    say("answered", s, { language: tag, text, score: ends && Number(said.get("score")) });
    const thanks = make("p", { className: "y", tabIndex: -1 }, t.thanks);
    form.replaceWith(thanks);
    thanks.focus();
    status.textContent = t.thanks;
    end = setTimeout(leave, 8000);
  };
  // It never takes the focus by itself; who listens hears of it.
  if (wanted) form.querySelector("input,textarea").focus();
  else setTimeout(() => { status.textContent = t.question; }, 200);
}

const deeds = {
  identify(who = {}) {
    for (const name of ["user", "account", "language"]) if (who[name]) me[name] = String(who[name]);
    Object.assign(me.properties, who.properties);
    look();
  },
  page: look,
  event(name) { surveys.filter((s) => s.event === name && onPage(s) && meant(s)).forEach(ask); },
  survey(key, { wanted } = {}) {
    const s = surveys.find((one) => one.key === key);
    if (s && !open) wanted ? show(s, { wanted }) : ask(s);
  },
  preview(survey, into) { into.replaceChildren(); show(survey, { into }); },
};
const early = window.headway?.q || [];
let ready = !given.key;
const headway = window.headway = (deed, ...more) => {
  if (ready || deed === "identify") deeds[deed]?.(...more);
  else early.push([deed, ...more]);
};
headway.here = true;
deeds.identify({ user: given.user, account: given.account, language: given.lang });
addEventListener("popstate", look);
window.navigation?.addEventListener("navigatesuccess", look);
if (ready) return;
send();
fetch(at + "/survey.json?key=" + encodeURIComponent(given.key), { credentials: "omit" })
  .then((answer) => answer.json())
  .then((found) => {
    surveys = found.surveys || [];
    ready = true;
    look();
    for (const [deed, ...more] of early.splice(0)) headway(deed, ...more);
  })
  // Without a connection nobody is asked.
  .catch(() => {});
})();

// What a page can do beyond its links and forms: keys, live updates, results while typing. Everything works without it.
"use strict";

const news = document.getElementById("news");
let spoken = 0;

function say(text) {
  news.textContent = text;
  clearTimeout(spoken);
  spoken = setTimeout(() => { news.textContent = ""; }, 6000);
}

for (const log of document.querySelectorAll("pre.log")) log.scrollTop = log.scrollHeight;

// -- live updates: the server says when there is news; the page then asks for itself and takes over its live parts

let fetching = null;

async function refresh(url = location.href, ids = null) {
  if (fetching) fetching.abort();
  const mine = fetching = new AbortController();
  try {
    const answer = await fetch(url, { signal: mine.signal });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!answer.ok) return false;
    const chosen = document.querySelector("tr.here")?.dataset.href;
    for (const old of document.querySelectorAll("[data-live], #results")) {
      const fresh = page.getElementById(old.id);
      if (!fresh || (ids && !ids.includes(old.id))) continue;
      const focused = old.contains(document.activeElement) ? document.activeElement : null;
      const address = focused?.getAttribute("href");
      old.replaceWith(fresh);
      if (address) [...fresh.querySelectorAll("a")].find((link) => link.getAttribute("href") === address)?.focus();
    }
    for (const log of document.querySelectorAll("[data-live] pre.log")) log.scrollTop = log.scrollHeight;
    if (chosen) [...document.querySelectorAll("tr[data-href]")].find((row) => row.dataset.href === chosen)?.classList.add("here");
    document.body.dataset.version = page.body.dataset.version;
    document.body.dataset.runs = page.body.dataset.runs;
    return true;
  } catch (error) {
    if (error.name !== "AbortError") say("The server doesn't answer.");
    return false;
  } finally {
    if (fetching === mine) fetching = null;
  }
}

const words = { keep: "kept", discard: "discarded", crash: "crashed" };
let names = null;
let refreshedAt = 0;

function lossWords(x) {
  return x === 0 || (Math.abs(x) >= 1e-2 && Math.abs(x) < 1e7) ? x.toFixed(4)
    : x.toExponential(3).replace(/\.?0*e/, "e").replace(/(e[+-])(\d)$/, "$10$2");
}

function length(seconds) {
  const whole = Math.floor(seconds);
  if (whole < 120) return `${whole} s`;
  const [big, unit, small, rest] = whole < 7200
    ? [Math.floor(whole / 60), "min", whole % 60, "s"]
    : [Math.floor(whole / 3600), "h", Math.floor(whole % 3600 / 60), "min"];
  return small ? `${big} ${unit} ${small} ${rest}` : `${big} ${unit}`;
}

function progress(running) {
  for (const told of running) {
    const card = [...document.querySelectorAll("[data-running]")].find((one) => one.dataset.running === told.name);
    if (!card) continue;
    const shown = {
      elapsed_s: length(told.elapsed_s),
      step: told.step ?? "–",
      loss: told.loss === null ? "–" : lossWords(told.loss),
      percent: told.percent === null ? "–" : `${Math.round(told.percent)} %`,
    };
    for (const [name, value] of Object.entries(shown)) {
      const field = card.querySelector(`[data-field=${name}]`);
      if (field && field.textContent !== String(value)) field.textContent = value;
    }
  }
}

function heard(state) {
  const present = state.running.map((told) => told.name + told.alive).join();
  const runs = Number(document.body.dataset.runs);
  const fresh = String(state.version) !== document.body.dataset.version;
  const others = names !== null && names !== present;
  names = present;
  if (fresh && state.runs > runs && state.last) {
    const value = state.last.value === null ? "" : `, ${Number(state.last.value.toPrecision(6))}`;
    say(`New run: ${words[state.last.status] ?? state.last.status}${value} – ${state.last.description}`);
  }
  const log = document.querySelector("[data-live=running]") && state.running.length && Date.now() - refreshedAt > 2000;
  if (fresh || others || log) {
    refreshedAt = Date.now();
    refresh();
  } else {
    progress(state.running);
  }
}

// A browser opens six connections to a server: of many tabs one listens and tells the others.
function listen(tell) {
  const stream = new EventSource("/api/events");
  stream.addEventListener("state", (event) => { const state = JSON.parse(event.data); heard(state); tell(state); });
  addEventListener("pagehide", () => stream.close());
}

if (document.querySelector("[data-live]") && "EventSource" in window) {
  if (navigator.locks && "BroadcastChannel" in window) {
    const channel = new BroadcastChannel("memorylab");
    channel.onmessage = (event) => heard(event.data);
    navigator.locks.request("memorylab", () => {
      listen((state) => channel.postMessage(state));
      return new Promise(() => {});
    });
  } else {
    listen(() => {});
  }
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
}

// -- results while typing

let typed = 0;
for (const form of document.querySelectorAll("form[data-instant]")) {
  const ask = () => {
    const given = [...new FormData(form)].filter(([name, value]) => value && !(name === "sort" && value === "newest"));
    const query = new URLSearchParams(given).toString();
    const url = query ? `${form.getAttribute("action")}?${query}` : form.getAttribute("action");
    if (url === location.pathname + location.search) return;
    history.replaceState(null, "", url);
    refresh(url, ["results"]);
  };
  form.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(() => { if (form.checkValidity()) ask(); }, 200);
  });
  form.addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(typed); ask(); });
}

// -- names of runs while typing, asked of the same interface as programs ask

let asking = null;
for (const field of document.querySelectorAll("input[list]")) {
  field.addEventListener("input", () => {
    clearTimeout(typed);
    typed = setTimeout(async () => {
      asking?.abort();
      asking = new AbortController();
      try {
        const query = new URLSearchParams({ q: field.value, limit: 20 });
        const answer = await fetch(`/api/runs?${query}`, { signal: asking.signal });
        if (!answer.ok) return;
        const { runs } = await answer.json();
        if (runs.length) field.list.replaceChildren(...runs.map((run) => new Option(run.description, run.run_id)));
      } catch { /* the fields take any name without help */ }
    }, 150);
  });
}

// -- rows, dots and keys

function rows() { return [...document.querySelectorAll("tr[data-href]")]; }

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("here"));
  const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
  all[at]?.classList.remove("here");
  next.classList.add("here");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a")?.focus({ preventScroll: true });
}

async function help() {
  let shown = document.querySelector("dialog");
  if (!shown) {
    const page = new DOMParser().parseFromString(await (await fetch("/help")).text(), "text/html");
    shown = document.createElement("dialog");
    shown.setAttribute("aria-label", "Help");
    shown.append(page.getElementById("help"));
    const close = document.createElement("button");
    close.textContent = "Close";
    close.autofocus = true;
    close.addEventListener("click", () => shown.close());
    const bar = document.createElement("div");
    bar.className = "bar";
    bar.append(page.querySelector("h1"), close);
    shown.prepend(bar);
    document.body.append(shown);
  }
  if (shown.open) { shown.close(); return; }
  shown.showModal();
  shown.scrollTop = 0;
}

let going = 0;

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("input, select, textarea");
  if (event.key === "Escape" && field) { field.blur(); return; }
  if (field || event.ctrlKey || event.metaKey || event.altKey) return;
  const went = Date.now() - going < 1500;
  going = 0;
  const place = went && [...document.querySelectorAll("[data-key]")].find((link) => link.dataset.key === event.key);
  if (place) { event.preventDefault(); location.assign(place.href); return; }
  const turn = (way) => document.querySelector(`a[rel=${way}]`)?.click();
  const search = () => {
    const own = document.querySelector("main [data-search], main input[type=search]");
    (own ?? document.querySelector(".find input"))?.focus();
  };
  const act = {
    "/": search, "?": help, j: () => move(1), k: () => move(-1), n: () => turn("next"), p: () => turn("prev"),
    g: () => { going = Date.now(); },
  }[event.key];
  if (act) { event.preventDefault(); act(); }
});
document.querySelector("a.help")?.addEventListener("click", (event) => { event.preventDefault(); help(); });

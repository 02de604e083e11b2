// Changes arrive without anything jumping: parts are morphed, ranks wait, changed figures are tinted.
const HOLD_MS = 5000;
const held = new Map(); // By list: since when another order than the shown one is asked for.
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
let places = new Map(); // Where rows stood before the order changed.

export function look() {
  const before = Idiomorph.defaults.callbacks;
  before.beforeNodeMorphed = (old, fresh) => {
    if (old.nodeType !== Node.ELEMENT_NODE) return true;
    if (old.hasAttribute("data-keep") && fresh.id === old.id) return false;
    // Somebody is about to choose from it.
    if (old.tagName === "SELECT" && old === document.activeElement) return false;
    if (old.tagName === "DETAILS" && old.open) fresh.open = true;
    if (old.hasAttribute("data-figure") && old.textContent !== fresh.textContent) tint(old);
    return true;
  };
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "board" || !event.detail.shouldSwap) return;
    hold(event.detail);
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "board") return;
    slide();
    reveal();
    document.dispatchEvent(new CustomEvent("headway:scene"));
  });
  document.body.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target.id === "board") slow(true);
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (event.target.id === "board") slow(false);
    trim();
  });
  reveal();
}

// What is selected is brought into sight, once.
let revealed = "";
function reveal() {
  const selected = [...document.querySelectorAll("#cards [aria-current], .row.selected")];
  const key = selected.map((one) => one.closest("li").id).join();
  if (key === revealed) return;
  revealed = key;
  for (const one of selected) one.closest("li").scrollIntoView({ block: "nearest" });
}

let waiting = 0;
function slow(yes) {
  clearTimeout(waiting);
  if (yes) waiting = setTimeout(() => document.body.classList.add("slow"), 800);
  else document.body.classList.remove("slow");
}

function tint(element) {
  const colour = getComputedStyle(document.documentElement).getPropertyValue("--tint");
  element.animate([{ backgroundColor: colour }, { backgroundColor: colour, offset: 0.6 }, { backgroundColor: "transparent" }], 1200);
}

// Rows keep their place for a while after a change of rank.
function hold(detail) {
  const incoming = new DOMParser().parseFromString(detail.serverResponse, "text/html");
  let changed = false;
  for (const list of incoming.querySelectorAll("[data-ranked]")) {
    const shown = document.getElementById(list.id);
    if (!shown || shown.dataset.ranked !== list.dataset.ranked) continue;
    const wanted = [...list.children].map((row) => row.id);
    const there = [...shown.children].map((row) => row.id).filter((id) => wanted.includes(id));
    const kept = wanted.filter((id) => there.includes(id));
    if (kept.every((id, at) => id === there[at])) {
      held.delete(list.id);
      continue;
    }
    if (!held.has(list.id)) {
      held.set(list.id, Date.now());
      setTimeout(() => htmx.trigger("#board", "refresh"), HOLD_MS + 50);
    }
    if (Date.now() - held.get(list.id) < HOLD_MS) {
      reorder(list, there);
      changed = true;
    } else {
      held.delete(list.id);
      for (const row of shown.children) places.set(row.id, row.getBoundingClientRect().top);
    }
  }
  if (changed) detail.serverResponse = incoming.body.innerHTML;
}

// Those that are shown stay in their order; who is new comes where it belongs among them.
function reorder(list, there) {
  const rows = new Map([...list.children].map((row) => [row.id, row]));
  const slots = [...list.children].filter((row) => there.includes(row.id)).map((row) => {
    const slot = document.createComment("");
    row.replaceWith(slot);
    return slot;
  });
  slots.forEach((slot, at) => slot.replaceWith(rows.get(there[at])));
}

function slide() {
  for (const [id, top] of calm.matches ? [] : places) {
    const row = document.getElementById(id);
    const moved = row ? top - row.getBoundingClientRect().top : 0;
    if (moved) row.animate([{ translate: `0 ${moved}px` }, { translate: "0 0" }], { duration: 250, easing: "ease-out" });
  }
  places = new Map();
}

function trim() {
  const feed = document.getElementById("feed");
  while (feed && feed.children.length > 200) feed.lastElementChild.remove();
}

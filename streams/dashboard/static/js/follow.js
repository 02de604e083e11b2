// The connection: what is lost is said, everything is greyed meanwhile, and it comes back by itself.
const GRACE_MS = 3000; // A stream that ends is followed by the next one within a second.
const SILENT_MS = 20000; // The server says something every few seconds.

let since = null; // When the connection was lost.
let heard = Date.now();
let failing = null; // What the server cannot do although it answers.
let timer = 0;

export function follow() {
  const body = document.body;
  body.addEventListener("htmx:sseOpen", (event) => {
    opened();
    const source = event.detail.source;
    if (source.headway) return;
    source.headway = true;
    source.addEventListener("beat", (told) => told_of(told.data));
    source.addEventListener("changed", (told) => {
      told_of(told.data);
      go_on();
    });
  });
  body.addEventListener("htmx:sseError", () => {
    const began = new Date();
    timer ||= setTimeout(() => lost(began), GRACE_MS);
  });
  body.addEventListener("htmx:responseError", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (requestConfig.verb === "post") return say(xhr.responseText);
    if (xhr.status >= 500) fail(xhr.responseText || "the server failed");
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, requestConfig, successful } = event.detail;
    if (successful && requestConfig.verb === "post") say(xhr.responseText);
    if (successful && requestConfig.verb === "get" && failing && event.target.id === "board") fail(null);
  });
  for (const name of ["htmx:sendError", "htmx:timeout"]) {
    body.addEventListener(name, (event) => {
      if (event.detail.requestConfig?.verb === "post") say("Nothing was sent: the board's server does not answer.");
      else lost(new Date());
    });
  }
  setInterval(() => {
    if (Date.now() - heard > SILENT_MS) lost(new Date(heard));
  }, 2000);
}

function told_of(problem) {
  opened();
  if (problem) fail(problem);
  else if (failing?.startsWith("Kafka")) fail(null);
}

function opened() {
  clearTimeout(timer);
  timer = 0;
  heard = Date.now();
  if (since === null) return;
  since = null;
  show();
}

// A page that had nothing to show looks whether there is something now.
async function go_on() {
  if (!document.querySelector("[data-waits]")) return;
  try {
    const answer = await fetch(location.href);
    if (!(await answer.text()).includes("data-waits")) location.reload();
  } catch {
    // The next change asks again.
  }
}

function lost(began) {
  if (since !== null) return;
  since = began;
  show();
}

function fail(problem) {
  const text = problem === null ? null : problem;
  if (failing === text) return;
  failing = text;
  if (text && !fail.began) fail.began = new Date();
  if (!text) fail.began = null;
  show();
}

function show() {
  const bar = document.getElementById("lost");
  const away = since !== null || failing !== null;
  document.body.classList.toggle("away", away);
  bar.hidden = !away;
  if (!away) return;
  const when = (since ?? fail.began).toTimeString().slice(0, 8);
  const what = since !== null ? "Connection lost" : failing;
  bar.textContent = `${what} since ${when}. What you see is how it was then; it goes on by itself.`;
}

let saying = 0;
export function say(text) {
  const said = document.getElementById("said");
  said.textContent = text;
  said.hidden = !text;
  clearTimeout(saying);
  saying = setTimeout(() => { said.hidden = true; }, 6000);
}

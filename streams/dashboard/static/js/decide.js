// An answer is given once: its buttons are off as soon as it is sent, and when the proposal has expired.
const CARRY_MS = 15000; // Of the clock on the wall: longer without a word from the server nobody knows the time.

let answered = ""; // The proposal that is being answered, or was.
let told = performance.now(); // When the server last said what time it is.

export function decide() {
  const body = document.body;
  body.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.target.closest?.("[data-answers]");
    if (!form) return;
    answered = form.elements.proposal.value;
    mark();
  });
  body.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.requestConfig.verb !== "post") return;
    if (event.target.closest?.("[data-answers]") && !event.detail.successful) answered = "";
    mark();
    if (event.detail.successful) htmx.trigger("#board", "refresh");
  });
  body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "board") return;
    told = performance.now();
    mark();
  });
  setInterval(mark, 1000);
  mark();
}

function mark() {
  const proposal = document.getElementById("proposal");
  if (!proposal) return;
  const left_ms = countdown();
  const over = left_ms !== null && left_ms <= 0;
  if (over) proposal.classList.add("over");
  for (const id of ["accept", "reject-open"]) {
    const button = document.getElementById(id);
    if (button) button.disabled = over || proposal.dataset.proposal === answered;
  }
}

// Between two words from the server event time goes on at its own pace; null where nothing runs down. Its pace
// is a guess where it is not that of the clock on the wall: then only the server says that the time is over.
function countdown() {
  const clock = document.getElementById("clock");
  const expires = document.getElementById("expires");
  if (!clock || !expires) return null;
  const pace = Number(clock.dataset.pace);
  const since = Math.min(performance.now() - told, CARRY_MS);
  const left_ms = Number(expires.dataset.expiresMs) - Number(clock.dataset.nowMs) - since * pace;
  expires.textContent = words(left_ms, pace, expires.dataset.at);
  return pace === 1 ? left_ms : null;
}

// Where event time runs faster than the clock on the wall, both are said.
function words(left_ms, pace, at) {
  if (pace !== 1) return `expires ${at}` + (pace ? `, in ${span(Math.max(0, left_ms / pace))} here` : "");
  if (left_ms <= 0) return `expired at ${at}`;
  return `expires in ${span(left_ms)}`;
}

function span(ms) {
  const left = Math.floor(ms / 1000);
  return left >= 6000 ? `${Math.floor(left / 3600)} h` : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

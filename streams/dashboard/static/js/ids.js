// Names are shortened where there is little room. Copied they are whole, as the command line takes them.
import { say } from "./follow.js";

export function ids() {
  document.addEventListener("copy", (event) => {
    const selection = document.getSelection();
    if (!selection.rangeCount || selection.isCollapsed || event.target.matches?.("input, textarea")) return;
    const whole = selected(selection.getRangeAt(0));
    if (whole === null) return;
    event.clipboardData.setData("text/plain", whole);
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "c" || event.metaKey || event.ctrlKey || event.altKey) return;
    if (document.querySelector("dialog[open]") || event.target.closest?.("input, select, textarea")) return;
    const id = chosen();
    if (id) navigator.clipboard?.writeText(id).then(() => say(`${id} is copied.`), () => say(id));
  });
}

// The text of a selection with whole names, null where none in it was shortened.
function selected(range) {
  const around = range.commonAncestorContainer;
  const one = (around.nodeType === Node.TEXT_NODE ? around.parentElement : around).closest("[data-id]");
  if (one) return range.toString() === one.textContent ? one.dataset.id : null;
  const parts = range.cloneContents();
  const shortened = parts.querySelectorAll("[data-id]");
  if (!shortened.length) return null;
  for (const part of shortened) part.textContent = part.dataset.id;
  return parts.textContent.replace(/\s+/g, " ").trim();
}

// The selected appointment, else the open proposal.
function chosen() {
  return new URLSearchParams(location.search).get("appointment") ?? document.getElementById("proposal")?.dataset.proposal;
}

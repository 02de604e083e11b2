// Enter accepts, R rejects (and asks why), P pins, Escape lets go of the selection.
import { go } from "./select.js";

export function keys() {
  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || event.repeat) return;
    if (document.querySelector("dialog[open]") || event.target.closest?.("a, button, input, select, textarea, summary")) {
      if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    }
    const press = { Enter: "accept", r: "reject-open", p: "pin" }[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    const button = press && document.getElementById(press);
    if (button) {
      event.preventDefault();
      button.click();
    }
    if (event.key === "Escape") go("?");
  });
  document.addEventListener("click", (event) => {
    const target = event.target.closest?.("[data-opens], [data-close], [data-why]");
    if (!target) return;
    if (target.dataset.opens) open_reject();
    if ("close" in target.dataset) target.closest("dialog").close();
    if (target.dataset.why) document.getElementById("why").value = target.dataset.why;
  });
  document.getElementById("reject-form")?.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) document.getElementById("reject").close();
  });
}

function open_reject() {
  const dialog = document.getElementById("reject");
  dialog.querySelector("[name=proposal]").value = document.getElementById("proposal").dataset.proposal;
  dialog.querySelector("[name=why]").value = "";
  dialog.showModal();
  dialog.querySelector("[name=why]").focus();
}

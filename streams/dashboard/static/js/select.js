// One selection rules all columns, and it is in the address: a link opens it, the back button undoes it.
export function select() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-select]");
    if (!link || event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(keep_sort(link.getAttribute("href")));
  });
  window.addEventListener("popstate", refresh);
  document.addEventListener("change", (event) => {
    if (event.target.id === "territory") location.assign(event.target.value);
  });
  document.body.addEventListener("htmx:configRequest", (event) => {
    const source = event.target;
    if (source.hasAttribute("data-follows-address")) {
      for (const [name, value] of new URLSearchParams(location.search)) event.detail.parameters.set(name, value);
    }
    if (source.id === "feed") {
      const last = source.querySelector("[data-item]");
      if (last) event.detail.parameters.set("after", last.dataset.item);
    }
  });
}

// Links of the feed were made before rows were sorted otherwise.
function keep_sort(href) {
  const here = new URLSearchParams(location.search);
  const there = new URLSearchParams(href.slice(1));
  if (here.has("sort") && !there.has("sort") && href.length > 1 && there.has("appointment") + there.has("technician") > 0) {
    const same = here.get("appointment") === there.get("appointment") && here.get("technician") === there.get("technician");
    if (!same) there.set("sort", here.get("sort"));
  }
  return `?${there}`;
}

export function go(address) {
  if (address === location.search || (address === "?" && !location.search)) return;
  history.pushState(null, "", address === "?" ? location.pathname : address);
  refresh();
}

export function refresh() {
  htmx.trigger("#board", "refresh");
}

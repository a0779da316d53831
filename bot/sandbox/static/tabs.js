// Which part is seen where there is no room for all of them.

import { $ } from "./dom.js";

const narrow = matchMedia("(max-width: 759px)");
const middling = matchMedia("(min-width: 760px) and (max-width: 1279px)");
const seen = [];

export const onLook = (does) => seen.push(does);

export function begin() {
  const tabs = [...document.querySelectorAll("[role=tab]")];
  for (const tab of tabs) tab.addEventListener("click", () => show(tab.dataset.tab));
  $("tabs").addEventListener("keydown", (event) => {
    const all = tabs.filter((tab) => tab.checkVisibility());
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to === undefined || at < 0) return;
    event.preventDefault();
    const next = all[(to + all.length) % all.length];
    next.focus();
    show(next.dataset.tab);
  });
  for (const query of [narrow, middling]) query.addEventListener("change", fit);
  fit();
}

export function show(name) {
  $("main").dataset.tab = name;
  for (const tab of document.querySelectorAll("[role=tab]")) {
    const on = tab.dataset.tab === name;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
  }
  for (const does of seen) does();
}

// What is a panel of a tab on a phone is a part of the page on a desk.
function fit() {
  if (middling.matches && $("main").dataset.tab === "chat") show("x");
  else show($("main").dataset.tab);
  for (const pane of document.querySelectorAll(".pane")) {
    const tabbed = narrow.matches || (middling.matches && pane.id !== "chat");
    if (tabbed) pane.setAttribute("role", "tabpanel");
    else pane.removeAttribute("role");
  }
}

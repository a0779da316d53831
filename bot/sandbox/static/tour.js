// The tour: what is played, what came out right, and the buttons to hold it.

import { act } from "./acts.js";
import { $, h, icon } from "./dom.js";

let shown = null;

export function begin() {
  $("tour-start").addEventListener("click", () => act("tour", { what: "start" }));
  $("tour-pause").addEventListener("click", () => act("tour", { what: shown?.paused ? "go" : "pause" }));
  $("tour-next").addEventListener("click", () => act("tour", { what: "next" }));
  $("tour-end").addEventListener("click", () => act("tour", { what: "end" }));
}

export function put(tour) {
  shown = tour;
  $("tour").hidden = !tour;
  $("tour-start").hidden = Boolean(tour);
  if (!tour) return;
  const { state, number, titles, told, paused } = tour;
  const over = state === "right" || state === "wrong";
  $("tour").dataset.state = state;
  $("tour-steps").replaceChildren(...titles.map((title, at) =>
    h("li", { class: at + 1 < number || state === "right" ? "done" : at + 1 === number ? (state === "wrong" ? "wrong" : "now") : "", title })));
  $("tour-title").textContent = state === "preparing" ? "A fresh chat and an empty timeline…"
    : state === "right" ? `All ${titles.length} steps came out right.`
    : number === 0 ? "The tour could not begin"
    : `${number} of ${titles.length} · ${titles[number - 1]}`;
  const lines = state === "right" ? [] : told.slice(-3);
  $("tour-told").replaceChildren(...lines.map(({ sort, text }) =>
    h("li", { class: sort }, sort === "right" ? icon("check") : null, text)));
  $("tour-pause").hidden = over;
  $("tour-next").hidden = over || !paused;
  $("tour-next").disabled = state !== "between";
  $("tour-pause").querySelector("span").textContent = paused ? "Play on" : "Pause";
  $("tour-pause").querySelector("use").setAttribute("href", paused ? "#i-play" : "#i-pause");
  $("tour-end").querySelector("span").textContent = over ? "Close" : "End";
}

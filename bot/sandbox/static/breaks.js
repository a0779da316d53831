// What one can break, what is broken, and the bot's process.

import { act } from "./acts.js";
import { $, h } from "./dom.js";

const drawn = new Map(); // name -> node
let state = "starting";

export function begin() {
  $("mend").addEventListener("click", () => act("mend"));
  $("kill").addEventListener("click", () => act("bot", { what: state === "down" ? "start" : "kill" }));
}

export function put(breaks) {
  const all = breaks ?? [];
  for (const one of all) {
    if (!drawn.has(one.name)) {
      const node = h("button", { type: "button", role: "switch", class: "switch", id: `break-${one.name}` },
        h("span", { class: "words" }, h("b", {}, one.title), h("span", {}, one.phrase)), h("span", { class: "knob", "aria-hidden": "true" }));
      node.addEventListener("click", () => act("break", { name: one.name, on: node.getAttribute("aria-checked") !== "true" }));
      drawn.set(one.name, node);
      $("killer").before(node);
    }
    drawn.get(one.name).setAttribute("aria-checked", String(one.on));
  }
  const on = all.filter((one) => one.on);
  $("mend").disabled = on.length === 0;
  $("break-says").textContent = on.length ? `Broken: ${on.map((one) => one.title).join(", ")}` : "Everything works.";
  $("break").dataset.broken = String(on.length > 0);
  $("news-break").hidden = on.length === 0;
  $("news-break").textContent = String(on.length);
}

export function putBot(value) {
  state = value;
  const down = value === "down";
  $("killer-title").textContent = down ? "The bot is dead" : value === "up" ? "The bot runs" : "The bot starts…";
  $("killer-text").textContent = down
    ? "What you send waits on Telegram’s side."
    : "Kill it in the middle of anything.";
  $("kill").textContent = down ? "Start it again" : "kill -9";
  $("kill").className = down ? "button primary" : "button danger";
}

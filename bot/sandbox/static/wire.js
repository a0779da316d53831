// The wire: each request in a line, and everything about it on a press.

import { full, time } from "./clock.js";
import { $, arrange, h, icon, isAtEnd } from "./dom.js";

const lines = new Map(); // key -> line, with its version
const drawn = new Map(); // key -> {node, version}
const open = new Set(); // numbers whose detail is shown
let versions = 0;
let filter = "all";
let polls = false;

const WHO = { telegram: ["plane", "Telegram"], x: ["x", "X"], browser: ["globe", "Browser to X"] };

export function begin() {
  for (const button of document.querySelectorAll("[data-filter]")) {
    button.addEventListener("click", () => {
      filter = button.dataset.filter;
      for (const one of document.querySelectorAll("[data-filter]")) one.setAttribute("aria-pressed", String(one === button));
      draw(true);
    });
  }
  const toggle = document.querySelector("[data-polls]");
  toggle.addEventListener("click", () => {
    polls = !polls;
    toggle.setAttribute("aria-pressed", String(polls));
    draw(true);
  });
}

export function reset() {
  lines.clear();
  drawn.clear();
  open.clear();
  draw();
}

export function put(key, value) {
  if (value === null) {
    lines.delete(key);
    drawn.delete(key);
  } else lines.set(key, { ...value, key, version: ++versions });
}

const failed = (line) => line.sort === "request" && line.ended && (line.status === null || line.status >= 400);

function wanted(line) {
  if (line.sort === "note") return filter === "all" || filter === "failed";
  if (line.poll && !polls) return false;
  if (filter === "failed") return failed(line);
  if (filter === "x") return line.who !== "telegram";
  return filter === "all" || line.who === filter;
}

export function draw(jump = false) {
  const box = $("lines");
  const follows = jump || (open.size === 0 && isAtEnd(box)); // who reads is left where they are
  const shown = [...lines.values()].filter(wanted).sort((a, b) => a.at - b.at || a.number - b.number);
  const nodes = shown.map((line) => {
    const known = drawn.get(line.key);
    if (known?.version === line.version) return known.node;
    const node = line.sort === "note" ? note(line) : known ? refreshed(known.node, line) : row(line);
    drawn.set(line.key, { node, version: line.version });
    return node;
  });
  arrange($("line-list"), nodes.length ? nodes : [h("li", { class: "nothing" }, "Nothing was said yet.")]);
  if (follows) box.scrollTop = box.scrollHeight;
}

function note(line) {
  return h("li", { class: `note ${line.tone}` }, h("span", {}, line.path), h("time", {}, time(line.at)));
}

function row(line) {
  const node = h("li", { class: "line" });
  const detail = h("div", { class: "detail", id: `detail-${line.number}`, hidden: true });
  const button = h("button", { type: "button", class: "summary", "aria-expanded": "false", "aria-controls": detail.id });
  button.addEventListener("click", () => turn(button, detail, line.number));
  node.append(button, detail);
  return refreshed(node, line);
}

function refreshed(node, line) {
  const [sign, who] = WHO[line.who];
  const button = node.firstElementChild;
  node.className = `line ${line.who}${failed(line) ? " failed" : ""}${line.ended ? "" : " waits"}`;
  button.replaceChildren(
    h("span", { class: "sign", title: who }, icon(sign), h("span", { class: "hidden" }, who)),
    h("span", { class: "what" },
      h("span", { class: "asked-for" }, h("span", { class: "method" }, line.method), " ", ...path(line)),
      line.gist || line.note ? h("span", { class: "gist" }, line.note ? h("em", {}, told(line.note)) : null, line.note && line.gist ? " · " : "", line.gist) : null),
    h("span", { class: "cost" }, line.cost ? `$${line.cost}` : ""),
    h("span", { class: "ms" }, line.ms === null ? "" : took(line.ms)),
    h("span", { class: `status ${tone(line)}` }, status(line)));
  if (open.has(line.number) && line.ended) load(node.lastElementChild, line.number);
  return node;
}

function path(line) {
  const found = /^(\/(?:file\/)?bot[^/]+\/)(.*)$/.exec(line.path);
  return found ? [h("span", { class: "prefix" }, found[1]), found[2]] : [line.path];
}

const NOTES = {
  "dropped before": "lost on its way",
  "dropped middle": "cut off in the middle",
  "dropped after": "took effect, but the answer is lost",
  "service stopped": "broken off",
};
const told = (text) => NOTES[text] ?? (/^answered (\d+)/.test(text) ? "broken on purpose" : text);

const took = (ms) => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`);

function status(line) {
  if (line.status !== null) return String(line.status);
  return line.ended ? "lost" : "waits";
}

function tone(line) {
  if (!line.ended) return "open";
  if (line.status === null) return "bad";
  return line.status < 400 ? "good" : "bad";
}

// -- everything about it ------------------------------------------------------------------------

function turn(button, detail, number) {
  const shows = detail.hidden;
  detail.hidden = !shows;
  button.setAttribute("aria-expanded", String(shows));
  if (shows) {
    open.add(number);
    load(detail, number);
  } else open.delete(number);
}

async function load(box, number) {
  const answer = await fetch(`/lines/${number}`).catch(() => null);
  if (!answer?.ok) return box.replaceChildren(h("p", {}, "That request is not kept any more."));
  const it = await answer.json();
  box.replaceChildren(h("div", {},
    h("p", { class: "request-line" }, it.line),
    part("Request", it.headers, it.body),
    part(it.status === null ? "No answer" : `Answer ${it.status}`, it.answer_headers, it.answer),
    it.charges.length ? h("p", { class: "charges" }, "On the real X: ", it.charges.map(([what, dollars]) => `${what} $${dollars}`).join(", ")) : null));
}

function part(title, headers, body) {
  return h("section", {},
    h("h3", {}, title),
    headers.length ? table(headers) : null,
    body.kind === "fields" ? [h("h4", {}, `Body, ${body.size} bytes`), table(body.fields)] : null,
    body.text ? [h("h4", {}, `Body, ${body.size} bytes`), h("pre", { tabindex: 0 }, body.text)] : null);
}

const table = (pairs) =>
  h("dl", {}, pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));

// The chat: what stands in it for the person who looks, message by message.

import { act, toast } from "./acts.js";
import { time } from "./clock.js";
import { $, arrange, h, icon, isAtEnd, link } from "./dom.js";

const messages = new Map(); // key -> message, with the version that is shown
const chats = new Map(); // who -> chat
const drawn = new Map(); // key of a group -> {node, version}
let versions = 0;
let state = "starting";
let typing = null;

export const chat = { who: "owner", compose: null };

const STATES = { up: "bot", starting: "starting…", down: "not running" };
const DOING = { typing: "typing…", upload_photo: "sending a photo…" };
const WRAPS = { bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre", blockquote: "q" };

export function reset() {
  messages.clear();
  chats.clear();
  drawn.clear();
  draw();
}

export function putMessage(key, value) {
  if (value === null) messages.delete(key);
  else messages.set(key, { ...value, version: ++versions });
}

export function putChat(who, value) {
  const before = chats.get(who);
  chats.set(who, value);
  if (before && before.acts < value.acts && who === chat.who) {
    clearTimeout(typing);
    typing = setTimeout(() => { typing = null; tell(); }, 5000); // as Telegram's apps do
    $("chat-status").textContent = DOING[value.act] ?? "typing…";
  }
}

export function putBot(value) {
  state = value;
  tell();
}

export const commands = () => chats.get(chat.who)?.commands ?? [];

export function look(who) {
  chat.who = who;
  for (const button of document.querySelectorAll("[data-who]")) {
    button.setAttribute("aria-pressed", String(button.dataset.who === who));
  }
  $("chat").dataset.looks = who;
  tell();
  draw();
  $("log").scrollTop = $("log").scrollHeight;
}

function tell() {
  if (typing === null) $("chat-status").textContent = STATES[state];
}

export function draw() {
  const here = chats.get(chat.who)?.id;
  const shown = [...messages.values()].filter((m) => m.chat === here).sort((a, b) => a.id - b.id);
  const log = $("log");
  const follows = isAtEnd(log);
  const groups = grouped(shown);
  const nodes = groups.map((group) => {
    const key = `${here}:${group[0].id}`;
    const version = group.map((m) => m.version).join();
    const known = drawn.get(key);
    if (known?.version === version) return known.node;
    const node = bubble(group);
    if (known) passFocus(known.node, node);
    drawn.set(key, { node, version });
    return node;
  });
  arrange(log, nodes.length ? nodes : [welcome()]);
  const last = shown.at(-1);
  if (follows || (last && !last.bot && last.version === versions)) log.scrollTop = log.scrollHeight;
}

function grouped(shown) {
  const groups = [];
  for (const message of shown) {
    const last = groups.at(-1);
    if (message.album && last?.[0].album === message.album) last.push(message);
    else groups.push([message]);
  }
  return groups;
}

// A message that is edited while one stands on a button of it must not lose one's place, also where
// it is edited once more before the next frame.
let passing = null;

function passFocus(before, after) {
  if (passing?.node === before) {
    passing.node = after;
  } else if (before.contains(document.activeElement)) {
    passing = { node: after, label: document.activeElement.textContent };
    requestAnimationFrame(() => {
      const { node, label } = passing;
      passing = null;
      const buttons = [...node.querySelectorAll("button, a")];
      (buttons.find((one) => one.textContent === label) ?? buttons[0] ?? $("words")).focus();
    });
  }
}

function welcome() {
  const stranger = chat.who === "stranger";
  const tries = stranger ? ["/start", "Let me post, too!"] : ["/start", "/auth"];
  return h("div", { class: "welcome" },
    h("p", {}, stranger
      ? "You are somebody whom Telex does not know. Write to it, and see what happens."
      : "You are the owner of the bot. Nothing that you send leaves this machine."),
    h("div", { class: "tries" }, tries.map((text) =>
      h("button", { type: "button", class: "try", onclick: () => act("text", { as: chat.who, text }) }, text))));
}

// -- one message --------------------------------------------------------------------------------

function bubble(group) {
  const first = group[0];
  const texted = group.find((m) => m.text) ?? first;
  const pictured = group.filter((m) => m.media);
  const name = `${first.bot ? "Telex" : "You"}, ${time(first.at)}`;
  return h("div", { class: `message ${first.bot ? "theirs" : "mine"}`, role: "group", "aria-label": name, id: `m-${first.chat}-${first.id}` },
    h("div", { class: "stack" },
      h("div", { class: `bubble${pictured.length ? " pictured" : ""}` },
        first.forwarded && h("p", { class: "forwarded" }, `Forwarded from ${first.forwarded}`),
        first.reply && quote(first),
        pictured.length ? album(pictured) : null,
        first.poll.length ? poll(first.poll) : null,
        texted.text ? h("p", { class: "text" }, marked(texted)) : null,
        h("p", { class: "stamp" },
          group.some((m) => m.edited) ? "edited " : "", h("time", { datetime: new Date(first.at * 1000).toISOString() }, time(first.at)))),
      group.some((m) => m.reactions.length)
        ? h("p", { class: "reactions" }, group.flatMap((m) => m.reactions).map((r) => h("span", { "aria-label": `Telex reacted with ${r}`, role: "img" }, r)))
        : null,
      first.keys.length ? keys(first) : null),
    tools(first, texted));
}

function tools(first, texted) {
  const words = (texted.text || "this message").slice(0, 40);
  const offer = (name, label, does) =>
    h("button", { type: "button", class: "tool", "aria-label": `${label}: ${words}`, title: label, onclick: does }, icon(name));
  return h("div", { class: "tools" },
    offer("reply", "Reply", () => chat.compose?.reply(first, texted)),
    first.bot || first.poll.length ? null : offer("edit", "Edit", () => chat.compose?.edit(texted)));
}

function quote(message) {
  const { id, bot, text } = message.reply;
  return h("button", { type: "button", class: "quote", onclick: () => reveal(message.chat, id) },
    h("b", {}, bot ? "Telex" : "You"), h("span", {}, text));
}

function reveal(here, id) {
  const node = $(`m-${here}-${id}`);
  node?.scrollIntoView({ block: "center" });
  node?.classList.add("lit");
  setTimeout(() => node?.classList.remove("lit"), 1600);
}

function album(group) {
  const files = group.filter((m) => !["photo", "video", "animation", "sticker"].includes(m.media.kind));
  const seen = group.filter((m) => !files.includes(m));
  return [
    seen.length ? h("div", { class: `album of-${Math.min(seen.length, 10)}` }, seen.map((m) => picture(m.media))) : null,
    ...files.map((m) => file(m.media)),
  ];
}

function picture({ kind, url, width, height }) {
  const box = h("div", { class: "shot" });
  if (width && height) box.style.aspectRatio = `${width} / ${height}`;
  if (kind === "photo" || kind === "sticker") box.append(h("img", { src: url, alt: "Photo", loading: "lazy" }));
  else box.append(h("video", { src: url, controls: kind === "video", loop: kind === "animation", muted: true, playsinline: true, preload: "metadata", "aria-label": kind === "video" ? "Video" : "GIF" }));
  return box;
}

function file({ kind, url, name, size }) {
  return h("a", { class: "file", href: url, download: name || kind },
    h("span", { class: "file-icon" }, icon("file")),
    h("span", { class: "words" }, h("b", {}, name || kind), h("span", {}, bytes(size))));
}

export function bytes(number) {
  if (number < 1000) return `${number} B`;
  return number < 1e6 ? `${Math.round(number / 1000)} kB` : `${(number / 1e6).toFixed(1)} MB`;
}

function poll([question, ...options]) {
  return h("div", { class: "asked" }, h("p", { class: "question" }, question), h("p", { class: "sort" }, "Anonymous poll"),
    h("ul", {}, options.map((option) => h("li", {}, h("span", { class: "ring" }), option))));
}

function marked({ text, marks }) {
  const out = [];
  let at = 0;
  for (const mark of [...marks].sort((a, b) => a.offset - b.offset)) {
    if (mark.offset < at) continue; // inside of another one
    out.push(text.slice(at, mark.offset));
    at = mark.offset + mark.length;
    out.push(dressed(mark, text.slice(mark.offset, at)));
  }
  return [...out, text.slice(at)];
}

function dressed(mark, text) {
  if (mark.type === "url") return link(/^https?:/i.test(text) ? text : `https://${text}`, text);
  if (mark.type === "text_link") return link(mark.url, text);
  if (mark.type === "bot_command") {
    return h("button", { type: "button", class: "command", onclick: () => act("text", { as: chat.who, text }) }, text);
  }
  return WRAPS[mark.type] ? h(WRAPS[mark.type], {}, text) : text;
}

function keys(message) {
  const rows = new Map();
  for (const key of message.keys) rows.set(key.row, [...(rows.get(key.row) ?? []), key]);
  return h("div", { class: "keys" }, [...rows.values()].map((row) =>
    h("div", { class: "key-row" }, row.map((key) => (key.url ? linked(key) : pressed(message, key))))));
}

function linked(key) {
  const node = link(key.url, key.text, icon("out"));
  node.classList.add("key");
  return node;
}

function pressed(message, key) {
  const node = h("button", { type: "button", class: "key" }, key.text);
  node.addEventListener("click", async () => {
    if (node.getAttribute("aria-busy")) return;
    node.setAttribute("aria-busy", "true");
    const told = await act("press", { as: chat.who, message: message.id, data: key.data });
    node.removeAttribute("aria-busy");
    toast(told?.text);
  });
  return node;
}

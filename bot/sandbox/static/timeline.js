// The timeline: posts as X shows them, newest first, threads together.

import { age, full, left } from "./clock.js";
import { $, arrange, h, link } from "./dom.js";

const posts = new Map(); // id -> post, with its version
const drawn = new Map();
let versions = 0;
let ready = false; // what was there before is no news

export function reset() {
  posts.clear();
  drawn.clear();
  draw();
  ready = false;
}

export function put(key, value) {
  if (value === null) return posts.delete(key);
  const before = posts.get(key);
  posts.set(key, { ...value, version: ++versions });
  if (ready && !before) tell(`New on X: ${value.text || "pictures"}`);
  if (ready && before && !before.deleted && value.deleted) tell(`Deleted on X: ${value.text || "pictures"}`);
}

export function putProfile(value) {
  if (!value) return;
  $("x-title").textContent = value.name;
  $("x-says").textContent = `@${value.handle} on X · ${value.posts === 1 ? "1 post" : `${value.posts} posts`}`;
  const spent = Number(value.spent) > 0;
  $("bill").hidden = !spent;
  $("bill-sum").textContent = `$${value.spent}`;
  $("bill-sum").setAttribute("aria-label", `$${value.spent} on the real X: see for what`);
  $("bill-body").replaceChildren(
    h("p", {}, "What the real X would have charged"),
    h("dl", {}, value.charges.map(([what, times, dollars]) =>
      h("div", {}, h("dt", {}, times > 1 ? `${times} × ${what}` : what), h("dd", {}, `$${dollars}`)))));
}

function tell(text) {
  $("x-news").textContent = text;
  news += 1;
  showNews();
}

let news = 0;
function showNews() {
  const seen = $("x").checkVisibility?.() ?? true;
  if (seen) news = 0;
  $("news-x").hidden = news === 0;
  $("news-x").textContent = String(news);
}
export const look = showNews;

// From now on what comes is news.
export const settled = () => { ready = true; };

export function reveal(id) {
  const node = $(`post-${id}`);
  if (!node) return;
  node.scrollIntoView({ block: "center" });
  node.focus({ preventScroll: true });
  node.classList.add("lit");
  setTimeout(() => node.classList.remove("lit"), 1600);
}

export function draw() {
  const threads = new Map();
  for (const post of posts.values()) threads.set(post.thread, [...(threads.get(post.thread) ?? []), post]);
  const ordered = [...threads.values()].map((thread) => thread.sort((a, b) => a.at - b.at || (BigInt(a.id) < BigInt(b.id) ? -1 : 1)));
  ordered.sort((a, b) => b.at(-1).at - a.at(-1).at);
  const nodes = ordered.flatMap((thread) => thread.map((post, at) => {
    const goes = thread[at + 1]?.reply_to === post.id;
    const comes = at > 0 && post.reply_to === thread[at - 1].id;
    const version = `${post.version} ${goes} ${comes}`;
    const known = drawn.get(post.id);
    if (known?.version === version) return known.node;
    const node = article(post, goes, comes);
    drawn.set(post.id, { node, version });
    return node;
  }));
  arrange($("posts"), nodes.length ? nodes : [empty()]);
}

function empty() {
  return h("div", { class: "empty" }, h("p", { class: "empty-title" }, "Nothing on X yet"), h("p", {}, "Sign in with /auth in the chat, then send a photo."));
}

function article(post, goes, comes) {
  return h("article", { class: `post${goes ? " goes" : ""}${comes ? " comes" : ""}${post.deleted ? " gone" : ""}`, id: `post-${post.id}`, tabindex: -1, "aria-label": `Post by ${post.name}` },
    h("span", { class: "avatar", "aria-hidden": "true" }),
    h("div", { class: "post-body" },
      h("p", { class: "by" }, h("b", {}, post.name), h("span", {}, `@${post.handle}`), h("span", { "aria-hidden": "true" }, "·"),
        h("time", { "data-age": post.at, datetime: new Date(post.at * 1000).toISOString(), title: full(post.at) }, age(post.at))),
      post.deleted ? h("p", { class: "deleted" }, "Deleted") : null,
      post.reply_to && !comes ? h("p", { class: "answers" }, "Replying to ", posts.has(post.reply_to) ? h("a", { href: `#post-${post.reply_to}`, "data-post": post.reply_to }, "an earlier post") : "a post") : null,
      post.text ? h("p", { class: "text" }, linked(post)) : null,
      post.media.length && post.deleted ? h("p", { class: "deleted-media" }, post.media.length === 1 ? "with a picture or video" : `with ${post.media.length} pictures`) : null,
      post.media.length && !post.deleted ? h("div", { class: `shots of-${post.media.length}` }, post.media.map((one) => shot(one, post.media.length === 1))) : null,
      post.poll ? poll(post.poll) : null));
}

// X counts characters, scripts count UTF-16 units.
function linked({ text, links }) {
  const letters = [...text];
  const out = [];
  let at = 0;
  for (const { start, end } of links) {
    const raw = letters.slice(start, end).join("");
    out.push(letters.slice(at, start).join(""));
    const bare = raw.replace(/^https?:\/\/(www\.)?/, "");
    out.push(link(/^https?:/i.test(raw) ? raw : `https://${raw}`, bare.length > 28 ? `${bare.slice(0, 27)}…` : bare));
    at = end;
  }
  return [...out, letters.slice(at).join("")];
}

function shot({ kind, url, alt, width, height }, alone) {
  const box = h("div", { class: `shot ${kind}` });
  if (alone && width && height) box.style.aspectRatio = String(Math.min(Math.max(width / height, 0.75), 2.4));
  if (kind === "video") box.append(h("video", { src: url, controls: true, preload: "metadata", playsinline: true, "aria-label": "Video" }));
  else box.append(h("img", { src: url, alt: alt || "Image", loading: "lazy" }));
  if (kind === "gif") box.append(h("span", { class: "mark gif" }, "GIF"));
  if (alt) {
    const words = h("p", { class: "alt-text", hidden: true }, alt);
    const button = h("button", { type: "button", class: "mark alt", "aria-expanded": "false", "aria-label": "Image description" }, "ALT");
    button.addEventListener("click", () => {
      words.hidden = !words.hidden;
      button.setAttribute("aria-expanded", String(!words.hidden));
    });
    box.append(words, button);
  }
  return box;
}

function poll({ options, ends }) {
  return h("div", { class: "poll" },
    h("ul", {}, options.map((option) => h("li", {}, h("span", {}, option), h("span", { class: "share" }, "0%")))),
    h("p", {}, `0 votes · ${left(ends)}`));
}

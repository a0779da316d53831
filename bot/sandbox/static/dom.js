// Elements from words, never from markup: what people write stays text.

const SVG = "http://www.w3.org/2000/svg";

export function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

export const $ = (id) => document.getElementById(id);

// Puts `wanted` into `parent` in this order, and moves nothing that stands right already.
export function arrange(parent, wanted) {
  const kept = new Set(wanted);
  for (const child of [...parent.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((node, at) => {
    if (parent.children[at] !== node) parent.insertBefore(node, parent.children[at] ?? null);
  });
}

// Whether the end is in sight, so that what is new may be scrolled to.
export const isAtEnd = (box) => box.scrollHeight - box.scrollTop - box.clientHeight < 80;

const LINK = /^https?:\/\//i;
const STATUS = /^https:\/\/x\.com\/(?:\w+|i\/web)\/status\/(\d+)\/?$/;

// A link that goes where it says; one to a post goes to that post on this page.
export function link(url, ...children) {
  const status = STATUS.exec(url);
  if (status) return h("a", { href: `#post-${status[1]}`, "data-post": status[1] }, ...children);
  if (!LINK.test(url)) return h("span", {}, ...children);
  return h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, ...children);
}

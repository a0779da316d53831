// What one does goes to the sandbox; what cannot be done is told where one writes.

import { $, h } from "./dom.js";

const SECONDS = 5;

export function toast(text, isWrong = false) {
  if (!text) return;
  const note = h("p", { class: isWrong ? "toast wrong" : "toast" }, text);
  $("toasts").append(note);
  setTimeout(() => note.remove(), SECONDS * 1000);
}

async function ask(act, options) {
  let answer;
  try {
    answer = await fetch(`/do/${act}`, { method: "POST", ...options });
  } catch {
    toast("The sandbox does not answer. Is it still running?", true);
    return null;
  }
  const told = await answer.json().catch(() => ({}));
  if (answer.ok) return told;
  toast(told.error ?? "That did not work.", true);
  return null;
}

export const act = (name, given = {}) =>
  ask(name, { headers: { "content-type": "application/json" }, body: JSON.stringify(given) });

export const send = (form) => ask("files", { body: form });

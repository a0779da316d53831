// Where one writes: text, replies, edits, photos and files picked, pasted or dropped, polls.

import { act, send, toast } from "./acts.js";
import { bytes, chat, commands } from "./chat.js";
import { $, h } from "./dom.js";

const words = $("words");
let context = null; // {kind: "reply" | "edit", id}
let picked = []; // {file, url, note}
let samples = 0;

export const putSamples = (count) => { samples = count ?? 0; };

export function begin() {
  chat.compose = { reply, edit };
  $("composer").addEventListener("submit", write);
  $("context-end").addEventListener("click", leave);
  words.addEventListener("input", grow);
  words.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && context) leave();
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) write(event);
  });
  words.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) {
      event.preventDefault();
      pick(event.clipboardData.files);
    }
  });
  for (const [id, as] of [["pick-photos", "album"], ["pick-files", "files"]]) {
    $(id).addEventListener("change", () => { pick($(id).files, as); $(id).value = ""; });
  }
  popup("commands-open", "commands", offerCommands);
  popup("attach-open", "attach");
  $("attach").addEventListener("click", (event) => attach(event.target.closest("[data-attach]")?.dataset.attach));
  $("sheet-form").addEventListener("submit", once(sendPicked));
  $("poll-form").addEventListener("submit", once(sendPoll));
  for (const dialog of [$("sheet"), $("poll")]) {
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { forget(); words.focus(); });
  }
  dropping();
}

// -- text ---------------------------------------------------------------------------------------

async function write(event) {
  event.preventDefault();
  const [typed, given] = [words.value, context];
  const text = typed.trim();
  if (!text) return;
  words.value = ""; // at once, as on a phone: what is typed meanwhile is the next one
  grow();
  const told = given?.kind === "edit"
    ? await act("edit", { as: chat.who, message: given.id, text })
    : await act("text", { as: chat.who, text, reply: given?.id });
  if (told) {
    if (given && context === given) leave();
  } else if (!words.value) {
    words.value = typed;
    grow();
  }
}

// A second press while the first is on its way does nothing.
function once(does) {
  let busy = false;
  return async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    try {
      await does();
    } finally {
      busy = false;
    }
  };
}

function grow() {
  words.style.height = "auto";
  words.style.height = `${Math.min(words.scrollHeight, 140)}px`;
}

function reply(first, texted) {
  enter("reply", first.id, `Reply to ${first.bot ? "Telex" : "yourself"}`, texted.text || "Photo");
}

function edit(message) {
  enter("edit", message.id, "Edit message", message.text);
  words.value = message.text;
  grow();
}

function enter(kind, id, title, text) {
  if (context?.kind === "edit") words.value = "";
  context = { kind, id };
  $("context").hidden = false;
  $("context-icon").setAttribute("href", `#i-${kind}`);
  $("context-title").textContent = title;
  $("context-text").textContent = text;
  words.focus();
}

export function leave() {
  if (context?.kind === "edit") words.value = "";
  context = null;
  $("context").hidden = true;
  grow();
}

// -- what pops up -------------------------------------------------------------------------------

function popup(opener, id, fill = () => {}) {
  const [button, box] = [$(opener), $(id)];
  const turn = (open) => {
    if (open) fill(box);
    box.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    if (open) box.querySelector("button")?.focus();
  };
  button.addEventListener("click", () => turn(box.hidden));
  box.addEventListener("click", (event) => {
    if (!event.target.closest("button")) return;
    turn(false);
    button.focus(); // what was pressed is not there any more
  });
  box.addEventListener("keydown", (event) => {
    const all = [...box.querySelectorAll("button")];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape") { turn(false); button.focus(); }
    if (step) {
      event.preventDefault();
      all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
    }
  });
  document.addEventListener("pointerdown", (event) => {
    if (!box.hidden && !box.contains(event.target) && !button.contains(event.target)) turn(false);
  });
}

function offerCommands(box) {
  const all = commands();
  box.replaceChildren(...(all.length
    ? all.map(({ command, description }) =>
      h("button", { type: "button", onclick: () => act("text", { as: chat.who, text: `/${command}` }) },
        h("b", {}, `/${command}`), h("span", {}, description)))
    : [h("p", { class: "nothing" }, chat.who === "owner" ? "Telex shows its commands after /start." : "Telex offers a stranger nothing.")]));
}

async function attach(what) {
  if (what === "photos") $("pick-photos").click();
  if (what === "files") $("pick-files").click();
  if (what === "poll") askPoll();
  if (what === "sample" || what === "samples") {
    const numbers = what === "sample" ? [0] : [...Array(samples).keys()];
    const files = await Promise.all(numbers.map(async (number) => {
      const blob = await (await fetch(`/samples/${number}`)).blob();
      return new File([blob], `bay-${number + 1}.jpg`, { type: blob.type });
    }));
    pick(files);
  }
}

// -- files --------------------------------------------------------------------------------------

async function pick(files, how = "album") {
  const all = [...files];
  if (!all.length) return;
  forget();
  picked = await Promise.all(all.map(async (file) => {
    const url = URL.createObjectURL(file);
    return { file, url, note: file.type.startsWith("video/") ? await measure(url) : "" };
  }));
  const count = picked.length;
  const photos = picked.every(({ file }) => /^(image|video)\//.test(file.type));
  const noun = photos ? (picked.some(({ file }) => file.type.startsWith("video/")) ? "item" : "photo") : "file";
  $("sheet-title").textContent = count === 1 ? `Send a ${noun}`.replace("a item", "a video") : `Send ${count} ${noun}s`;
  $("picked").replaceChildren(...picked.map(({ file, url }) => h("li", {}, preview(file, url))));
  $("picked").className = `picked ${photos ? "pictures" : "names"}`;
  $("how").hidden = false;
  for (const input of $("how").querySelectorAll("input")) {
    input.closest("label").hidden = input.value === "single" && count === 1;
    input.closest("label").querySelector("span").textContent =
      input.value === "album" ? (count === 1 ? "As a photo or video" : "As an album") : input.value === "files" ? (count === 1 ? "As a file" : "As files") : "One by one";
    input.checked = input.value === (photos ? how : "files");
  }
  $("caption").value = context?.kind === "edit" ? "" : words.value;
  $("sheet").showModal();
  $("caption").focus();
}

function preview(file, url) {
  if (file.type.startsWith("image/")) return h("img", { src: url, alt: file.name });
  if (file.type.startsWith("video/")) return h("video", { src: url, muted: true, "aria-label": file.name });
  return h("span", { class: "words" }, h("b", {}, file.name), h("span", {}, bytes(file.size)));
}

// As a phone would: it knows how large a video is and how long.
function measure(url) {
  return new Promise((done) => {
    const video = document.createElement("video");
    video.preload = "metadata";
    video.onloadedmetadata = () => done(`${video.videoWidth}x${video.videoHeight}x${Math.max(1, Math.round(video.duration))}`);
    video.onerror = () => done("");
    video.src = url;
  });
}

function forget() {
  for (const { url } of picked) URL.revokeObjectURL(url);
  picked = [];
}

async function sendPicked() {
  const form = new FormData();
  form.append("as", chat.who);
  form.append("caption", $("caption").value);
  form.append("how", $("sheet-form").elements.how.value);
  if (context?.kind === "reply") form.append("reply", context.id);
  for (const { file, note } of picked) {
    form.append("file", file);
    form.append("note", note);
  }
  if (await send(form)) {
    words.value = "";
    leave();
    $("sheet").close();
  } else {
    if (context?.kind !== "edit") words.value = $("caption").value; // it was typed, so it is kept
    grow();
    $("sheet").close();
  }
}

function dropping() {
  const zone = $("chat");
  let depth = 0;
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  zone.addEventListener("dragenter", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    depth += 1;
    $("drop").hidden = false;
  });
  zone.addEventListener("dragleave", () => {
    depth = Math.max(0, depth - 1);
    if (!depth) $("drop").hidden = true;
  });
  zone.addEventListener("drop", (event) => {
    depth = 0;
    $("drop").hidden = true;
    if (event.dataTransfer.files.length) pick(event.dataTransfer.files);
  });
  // What is dropped beside the chat must not replace the page.
  for (const name of ["dragover", "drop"]) {
    window.addEventListener(name, (event) => { if (carries(event)) event.preventDefault(); });
  }
}

// -- polls --------------------------------------------------------------------------------------

function askPoll() {
  $("question").value = "";
  $("options").replaceChildren(h("legend", {}, "Options"), ...[1, 2, 3, 4].map((number) =>
    h("input", { "aria-label": `Option ${number}`, maxlength: 100, required: number < 3, placeholder: number < 3 ? "" : "optional" })));
  $("poll").showModal();
  $("question").focus();
}

async function sendPoll() {
  const options = [...$("options").querySelectorAll("input")].map((input) => input.value.trim()).filter(Boolean);
  if (options.length < 2) return toast("A poll needs two options.", true);
  const told = await act("poll", { as: chat.who, question: $("question").value, options, reply: context?.id });
  $("poll").close();
  if (told) leave();
}

// Puts the parts together: what the sandbox tells goes to the part that shows it.

import * as breaks from "./breaks.js";
import * as chat from "./chat.js";
import * as composer from "./composer.js";
import { $ } from "./dom.js";
import { follow } from "./stream.js";
import * as tabs from "./tabs.js";
import * as timeline from "./timeline.js";
import * as tour from "./tour.js";
import * as wire from "./wire.js";

const SAYS = { up: "running", starting: "starting…", down: "not running" };
let bot = "starting";
let isOnline = false;

function tellBot() {
  $("bot").dataset.state = isOnline ? bot : "offline";
  $("bot-who").textContent = isOnline ? "Telex is " : "";
  $("bot-says").textContent = isOnline ? SAYS[bot] : "Reconnecting…";
}

function putBot(_, value) {
  bot = value ?? "starting";
  chat.putBot(bot);
  breaks.putBot(bot);
  tellBot();
}

const puts = {
  message: chat.putMessage,
  chat: chat.putChat,
  line: wire.put,
  post: timeline.put,
  profile: (_, value) => timeline.putProfile(value),
  breaks: (_, value) => breaks.put(value),
  tour: (_, value) => tour.put(value),
  samples: (_, value) => composer.putSamples(value),
  bot: putBot,
};
const draws = { message: chat.draw, chat: chat.draw, line: wire.draw, post: timeline.draw };
const changed = new Set();

for (const part of [composer, wire, breaks, tour, tabs]) part.begin();
for (const button of document.querySelectorAll("[data-who]")) {
  button.addEventListener("click", () => {
    composer.leave();
    chat.look(button.dataset.who);
  });
}
document.addEventListener("click", (event) => {
  const post = event.target.closest("a[data-post]");
  if (!post) return;
  event.preventDefault();
  tabs.show("x");
  timeline.reveal(post.dataset.post);
});
tabs.onLook(timeline.look);
tabs.onLook(() => { $("log").scrollTop = $("log").scrollHeight; });
tabs.onLook(() => { $("lines").scrollTop = $("lines").scrollHeight; });

follow({
  put(kind, key, value) {
    puts[kind]?.(key, value);
    changed.add(kind);
  },
  reset() {
    for (const part of [chat, wire, timeline]) part.reset();
    composer.leave();
    tour.put(null);
  },
  settled() {
    for (const draw of new Set([...changed].map((kind) => draws[kind]).filter(Boolean))) draw();
    changed.clear();
    timeline.settled();
  },
  online(is) {
    isOnline = is;
    tellBot();
  },
});

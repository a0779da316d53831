// What happens, as it happens; goes on by itself where it was when the server comes back.

const FIRST = 500;
const LONGEST = 4_000; // milliseconds between two attempts

export function follow({ put, reset, settled, online }) {
  let seen = "";
  let wait = FIRST;

  function open() {
    const source = new EventSource(`/events?after=${encodeURIComponent(seen)}`);
    source.onopen = () => {
      wait = FIRST;
      online(true);
    };
    source.onmessage = (event) => {
      const { kind, key, value } = JSON.parse(event.data);
      seen = event.lastEventId;
      if (kind === "reset") reset();
      else if (kind === "ready") settled();
      else put(kind, key, value);
    };
    source.onerror = () => {
      // The browser's own attempts end at the first answer that is none of ours.
      source.close();
      online(false);
      setTimeout(open, wait);
      wait = Math.min(LONGEST, wait * 2);
    };
  }
  open();
}

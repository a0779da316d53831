// Times as people read them; those of posts grow older by themselves.

const hour = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const whole = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "medium" });

export const time = (at) => hour.format(at * 1000);
export const full = (at) => whole.format(at * 1000);

export function age(at) {
  const seconds = Math.max(0, Date.now() / 1000 - at);
  if (seconds < 60) return "now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m`;
  return seconds < 86400 ? `${Math.floor(seconds / 3600)}h` : `${Math.floor(seconds / 86400)}d`;
}

export function left(until) {
  const minutes = Math.round((until - Date.now() / 1000) / 60);
  if (minutes <= 0) return "Final results";
  if (minutes < 60) return `${minutes} min left`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return hours === 1 ? "1 hour left" : `${hours} hours left`;
  return `${Math.round(hours / 24)} days left`;
}

setInterval(() => {
  for (const node of document.querySelectorAll("time[data-age]")) node.textContent = age(Number(node.dataset.age));
}, 20_000);

// The live stream: a handler for each kind of event, a banner while the line is down, and clocks that tick.
import { onWake } from "./wake.js";

const body = document.body;
const lost = document.getElementById("lost");
let ahead = 0; // Seconds by which the server's clock is ahead of this one.

export function listen(handlers) {
  let source = open(handlers);
  const again = () => { // What happened meanwhile is not waited for: a new stream begins with the whole picture.
    source.close();
    source = open(handlers);
  };
  onWake(again);
  document.addEventListener("elderline-look", again);
  addEventListener("pagehide", () => source.close());
}

function open(handlers) {
  const source = new EventSource(body.dataset.live);
  source.onopen = () => { body.dataset.online = "yes"; };
  source.onerror = () => {
    lost.hidden = false;
    delete body.dataset.online;
    if (source.readyState === EventSource.CLOSED) {
      setTimeout(() => location.reload(), 5000); // Refused: logged out, or too many pages. The page itself tells.
    }
  };
  source.addEventListener("trouble", () => { lost.hidden = false; });
  source.addEventListener("snapshot", (event) => {
    lost.hidden = true;
    ahead = JSON.parse(event.data).at - Date.now() / 1000;
  });
  for (const [name, handle] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handle(JSON.parse(event.data)));
  }
  return source;
}

export function show(element, visible) {
  element.hidden = !visible;
}

const title = document.title;
const urgent = { sos: "", call: "" }; // The first of them that says something is the window's title.

export function headline(kind, words) {
  urgent[kind] = words;
  document.title = Object.values(urgent).find(Boolean) ?? title;
}

function tick() {
  const now = Date.now() / 1000 + ahead;
  for (const element of document.querySelectorAll("[data-since]")) {
    const since = Number(element.dataset.since);
    const seconds = Math.max(0, Math.floor(now - since));
    const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const pad = (value) => String(value).padStart(2, "0");
    element.textContent = since ? (hours ? `${hours}:${pad(minutes)}` : minutes) + ":" + pad(rest) : "";
  }
}

export function startClocks() {
  setInterval(tick, 1000);
  return tick;
}

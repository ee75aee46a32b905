// The large screen: draws each picture of the stream, says when it is old, and sounds when a figure becomes pressing.
import { drawDay } from "./board_day.js";
import { soundOf } from "./board_sound.js";

const by = (id) => document.getElementById(id);
const { stream, today, words: written } = document.body.dataset;
const words = JSON.parse(written);
const STALE_MS = 3000; // A picture comes every second; without one for so long the screen says so.
const COUNTED_SECONDS = 5;
const MARKS = { calm: "", warn: "▲", alarm: "■" };

let ahead = 0; // Seconds by which the server's clock is ahead of this one.
let came = null; // When the last picture came, by the browser's steady clock.
const sound = soundOf(by("sound"), words);

const now = () => Date.now() / 1000 + ahead;

function clockOf(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const pad = (value) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

function since(element, at) {
  if (at === null) delete element.dataset.since;
  else element.dataset.since = at;
  element.textContent = at === null ? "–" : clockOf(now() - at);
}

function rows(table, lines) {
  table.tBodies[0].replaceChildren(...lines.map(([mark, ...cells]) => {
    const row = document.createElement("tr");
    row.className = mark;
    row.append(...cells.map((cell, at) => {
      const element = document.createElement(at ? "td" : "th");
      if (!at) element.scope = "row";
      if (cell && cell.since !== undefined) since(element, cell.since);
      else element.textContent = cell;
      return element;
    }));
    return row;
  }));
}

function tile(name, text, level = "calm") {
  by(name).textContent = text;
  by(`tile-${name}`).dataset.level = level;
  by(`${name}-level`).textContent = level === "calm" ? "" : `${MARKS[level]} ${words.level[level]}`;
}

function agents(picture) {
  const there = picture.agents.filter(([, , state]) => state !== "logged_off");
  by("agents").replaceChildren(...there.map(([extension, name, state, at]) => {
    const [item, clock] = [document.createElement("li"), document.createElement("time")];
    item.dataset.state = state;
    item.textContent = `${name || extension} `;
    item.append(Object.assign(document.createElement("span"), { textContent: words.state[state] }), " ", clock);
    since(clock, at || null);
    return item;
  }));
  by("states").textContent = picture.states.filter(([, count]) => count)
    .map(([state, count]) => `${words.state[state]} ${count}`).join(" · ");
}

function draw(picture) {
  ahead = picture.at - Date.now() / 1000;
  came = performance.now();
  const { levels } = picture;
  tile("waiting", picture.waiting, levels.waiting);
  tile("longest", "", levels.longest);
  since(by("longest"), picture.longest_since);
  if (picture.counted_at !== undefined) {
    const share = picture.service;
    tile("service", share === null ? "–" : share === 1 ? "100%" : `${(Math.floor(share * 1000) / 10).toFixed(1)}%`, levels.service);
    tile("answered", `${picture.answered} / ${picture.offered}`);
    tile("abandoned", picture.abandoned);
    tile("overdue", picture.overdue, picture.overdue ? "warn" : "calm");
    by("orders").replaceChildren(...picture.orders.map(([state, count]) => {
      const [item, number] = [document.createElement("li"), document.createElement("b")];
      number.textContent = count;
      item.append(`${words.order[state]} `, number);
      return item;
    }));
    by("sos-count").textContent = picture.sos_cases || "";
  }
  by("sos").hidden = levels.sos === "calm";
  by("sos").dataset.level = levels.sos;
  rows(by("classes"), picture.classes.map(([name, count, at]) => [count ? name : "", words.class[name], count, { since: at }]));
  by("promised").textContent = picture.promised ? `${by("promised").dataset.word ?? ""} ${picture.promised}` : "";
  agents(picture);
  sound.levels(levels);
  document.body.dataset.drawn = picture.at;
  tick(picture);
}

let last = null;
function tick(picture) {
  last = picture ?? last;
  for (const element of document.querySelectorAll("[data-since]")) element.textContent = clockOf(now() - Number(element.dataset.since));
  const old = came === null ? null : performance.now() - came;
  by("clock").textContent = new Date(now() * 1000).toTimeString().slice(0, 8);
  const stale = old !== null && old > STALE_MS;
  document.body.classList.toggle("is-stale", stale);
  by("stale").hidden = !stale;
  if (stale) by("stale").textContent = words.stale.replace("{seconds}", Math.floor(old / 1000));
  const behind = last?.counted_at ? now() - last.counted_at : 0;
  by("counted").textContent = behind > COUNTED_SECONDS ? words.counted.replace("{time}", new Date(last.counted_at * 1000).toTimeString().slice(0, 8)) : "";
}

const source = new EventSource(stream);
came = performance.now();
source.addEventListener("board", (event) => draw(JSON.parse(event.data)));
source.onerror = () => {
  if (source.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
};
addEventListener("pagehide", () => source.close());
setInterval(() => tick(), 500);

async function refreshDay() {
  const answer = await fetch(today).catch(() => null); // A line that is down is said above.
  if (answer?.ok) drawDay(by("day"), await answer.json(), words, by("usual-hint"), by("day-told"));
}
refreshDay();
setInterval(refreshDay, 30_000);

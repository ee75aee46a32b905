// The banner of every page: open SOS cases, with a sound for those that nobody is on, until Escape or somebody is.
const EVERY = 4000; // Milliseconds between two looks.
const TONES = [740, 988]; // Hertz, by turns: unlike the ring of the telephone.
const TURN = 0.35, QUIET = 0.8, LEVEL = 0.3; // Seconds of a tone, of the pause after both, and of full scale.
const KEPT = "elderline-sos-silenced"; // What was silenced, as "12:nobody"; it sounds once more when it alarms.

const banner = document.getElementById("sos-banner");
const list = banner.querySelector("ul"), hush = banner.querySelector(".hush"), blocked = banner.querySelector(".blocked");
let context = null, source = null, loud = [], shown = "";

const silenced = () => (localStorage.getItem(KEPT) ?? "").split(" ").filter(Boolean);
const name = ({ case_id, state }) => `${case_id}:${state}`;

function sound(wanted) {
  if (!wanted) {
    source?.stop();
    source = null;
  } else if (!source) {
    context ??= new AudioContext();
    context.onstatechange = tellBlocked;
    context.resume();
    source = new AudioBufferSourceNode(context, { buffer: alarm(context.sampleRate), loop: true });
    source.connect(context.destination);
    source.start();
  }
  banner.dataset.sound = wanted ? "yes" : "no";
  tellBlocked();
}

function tellBlocked() {
  blocked.hidden = !source || context.state === "running"; // Browsers are silent until somebody has touched the page.
}

function alarm(rate) {
  const buffer = new AudioBuffer({ length: Math.ceil((2 * TURN + QUIET) * rate), sampleRate: rate });
  const samples = buffer.getChannelData(0);
  for (let at = 0; at < 2 * TURN * rate; at++) {
    const time = at / rate, within = time % TURN;
    const swell = Math.min(1, within * 40, (TURN - within) * 40) * LEVEL; // No click at either end.
    samples[at] = swell * Math.sin(2 * Math.PI * TONES[Math.floor(time / TURN) % 2] * time);
  }
  return buffer;
}

function draw({ cases, quiet }) {
  loud = cases.filter((each) => each.state === "nobody" || each.state === "alarming");
  const words = JSON.stringify(cases);
  if (words !== shown) { // Else a screen reader would say it again and again.
    shown = words;
    list.replaceChildren(...cases.map(line));
    banner.dataset.listed = cases.flatMap((each) => [`case:${each.case_id}`, `call:${each.call_id}`]).join(" ");
  }
  banner.hidden = cases.length === 0;
  banner.classList.toggle("loud", loud.length > 0);
  const before = silenced();
  const rings = loud.some((each) => !before.includes(name(each)));
  hush.hidden = !rings;
  sound(rings && !quiet);
}

function line({ address, words }) {
  const link = Object.assign(document.createElement("a"), { href: address, target: "_blank", textContent: `🆘 ${words}` });
  const item = document.createElement("li");
  item.append(link);
  return item;
}

function silence() {
  if (hush.hidden) return;
  const open = [...new Set([...silenced(), ...loud.map(name)])].slice(-50);
  localStorage.setItem(KEPT, open.join(" "));
  hush.hidden = true;
  sound(false);
}

async function look() {
  try {
    const answer = await fetch(banner.dataset.address, { headers: { "X-Requested-With": "fetch" }, redirect: "error" });
    if (answer.ok) draw(await answer.json());
  } catch { /* The line is down, or the session is over; the next look tells. What is shown stays. */ }
  setTimeout(look, EVERY);
}

hush.addEventListener("click", silence);
document.addEventListener("keydown", (event) => { if (event.key === "Escape") silence(); });
for (const touched of ["pointerdown", "keydown"]) addEventListener(touched, () => context?.resume());
look();

// Talks of this moment: what is on is loaded anew with each event, the list too unless somebody fills in a form of it.
import { listen, show, startClocks } from "./live.js";

const PAUSE = 1000; // Milliseconds between two looks.
const now = document.getElementById("now"), trouble = document.getElementById("trouble");
const tick = startClocks();
let waits = false, last = 0, shown = "", listed = "";

// Without the tokens of forms, which are others each time: what is the same is not read out once more.
const words = (part) => part.innerHTML.replace(/value="[^"]{40,}"/g, "");

async function look() {
  waits = false;
  last = Date.now();
  const options = { headers: { "X-Requested-With": "fetch" } };
  const answer = await fetch(now.dataset.address, options).catch(() => null); // The banner tells of a line that is down.
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const on = page.getElementById("now"), talks = page.getElementById("talks"), list = document.getElementById("talks");
  if (words(on) !== shown) {
    shown = words(on);
    now.innerHTML = on.innerHTML; // Rendered and escaped by the server.
  }
  const typed = [...list.querySelectorAll("input:not([type=hidden])")].some((each) => each.value !== each.defaultValue);
  if (!typed && !list.contains(document.activeElement) && words(talks) !== listed) {
    listed = words(talks);
    list.innerHTML = talks.innerHTML;
  }
  tick();
}

function soon() {
  if (waits) return;
  waits = true;
  setTimeout(look, Math.max(0, last + PAUSE - Date.now()));
}

function tell(word) {
  show(trouble, Boolean(word));
  trouble.textContent = word ? JSON.parse(trouble.dataset.words)[word] ?? word : "";
}

listen({
  snapshot: soon,
  SupervisionAsked(asked) { tell(asked.trouble); },
  SupervisionChanged(changed) { if (changed.trouble) tell(changed.trouble); },
});

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
  draw(parse(await answer.text()));
}

const parse = (answer) => new DOMParser().parseFromString(answer, "text/html");

function draw(page) {
  const on = page.getElementById("now"), talks = page.getElementById("talks"), list = document.getElementById("talks");
  if (words(on) !== shown) {
    shown = words(on);
    const held = now.contains(document.activeElement) ? document.activeElement.textContent : null;
    now.innerHTML = on.innerHTML; // Rendered and escaped by the server.
    if (held !== null) [...now.querySelectorAll("button")].find((each) => each.textContent === held)?.focus();
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

// A form is sent without leaving the page: its telephone may be in the talk.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.closest("#now, #talks")) return;
  event.preventDefault();
  const wish = { method: "POST", headers: { "X-Requested-With": "fetch" }, body: new FormData(form, event.submitter) };
  const answer = await fetch(form.action, wish).catch(() => null); // The banner tells of a line that is down.
  if (!answer) return;
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({ detail: answer.statusText }));
    return tell(problem.detail);
  }
  const page = parse(await answer.text());
  if (!page.getElementById("now")) return location.reload(); // Logged out meanwhile.
  tell("");
  form.reset();
  if (form.closest("#talks")) document.activeElement?.blur(); // Enter answers then, and the list goes on.
  for (const said of document.querySelectorAll("main > .done")) said.remove();
  document.getElementById("main").prepend(...page.querySelectorAll("main > .done"));
  draw(page);
});

const state = document.getElementById("state"); // Of whoever has a telephone here.

listen({
  snapshot({ me }) {
    soon();
    if (!me || !state) return;
    state.textContent = me.state_word;
    state.dataset.state = me.state;
    document.dispatchEvent(new CustomEvent("elderline-me", { detail: me })); // The telephone compares.
  },
  SupervisionAsked(asked) { tell(asked.trouble); },
  SupervisionChanged(changed) { if (changed.trouble) tell(changed.trouble); },
});

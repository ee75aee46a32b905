// The page of an SOS: what changes is loaded anew, and the buttons that call somebody answer in place.
import { listen, startClocks } from "./live.js";

const place = document.getElementById("now");
const LEAST = 1000; // Milliseconds between two loads.
let shown = "", trouble = "", under = false, again = false, closed = false;

async function load() {
  if (under) { again = true; return; }
  under = true;
  const answer = await fetch(document.body.dataset.now, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
  if (answer?.ok && !closed) draw(await answer.text());
  setTimeout(() => { under = false; if (again) { again = false; load(); } }, LEAST);
}

function draw(page) {
  if (page === shown) return;
  shown = page;
  const pressed = place.contains(document.activeElement) ? document.activeElement.value : null;
  place.innerHTML = page; // Rendered and escaped by the server.
  if (pressed) place.querySelector(`button[value="${CSS.escape(pressed)}"]`)?.focus();
  tell(trouble);
}

function tell(detail) {
  trouble = detail;
  const line = place.querySelector(".wrong");
  if (line) Object.assign(line, { textContent: detail, hidden: detail === "" });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.id !== "talk-form") return;
  event.preventDefault();
  tell("");
  const body = new FormData(form, event.submitter);
  const options = { method: "POST", body, headers: { "X-Requested-With": "fetch" } };
  const answer = await fetch(form.getAttribute("action"), options).catch(() => null);
  tell(answer?.ok ? "" : (await answer?.json().catch(() => null))?.detail ?? "");
  load();
});

addEventListener("pagehide", () => { closed = true; });
startClocks();
listen({ snapshot: load, TalkChanged: load });

// Notes of a call are saved as they are typed: none is lost with the line, with the page, or to whoever writes beside.
const PAUSE = 800; // Milliseconds without a key until what stands is sent.
const LEAST = 2_000, MOST = 30_000; // Between two attempts, whatever fails.
const KEPT = "elderline-note-"; // In this tab alone, and only until it is saved.
const waiting = new Map(); // By address: what is to be sent, what the server is known to have, and when.
const token = document.querySelector('meta[name="csrf-token"]').content;

const boxes = () => document.querySelectorAll("textarea[data-draft]");
const boxOf = (address) => [...boxes()].find((each) => each.dataset.draft === address);

function tell(address, state) {
  const box = boxOf(address);
  const said = box?.form.querySelector("[data-saved]");
  if (said) said.textContent = said.dataset[state] ?? "";
}

function keep(address, draft) {
  waiting.set(address, { failures: 0, ...draft });
  sessionStorage.setItem(KEPT + address, JSON.stringify({ text: draft.text, known: draft.known }));
  send(address, PAUSE);
}

function send(address, after) {
  const draft = waiting.get(address);
  clearTimeout(draft.timer);
  draft.timer = setTimeout(() => save(address), after);
}

async function save(address) {
  const draft = waiting.get(address);
  if (!draft || draft.sending) return;
  draft.sending = true;
  tell(address, "saving");
  const { text, known } = draft;
  let answer = null;
  try {
    answer = await fetch(address, { method: "POST", headers: { "X-CSRFToken": token }, body: new URLSearchParams({ note: text, known }) });
  } catch { /* No network: tried again below. */ }
  draft.sending = false;
  if (waiting.get(address) !== draft) return save(address); // More was typed meanwhile.
  if (answer?.status === 204) return saved(address, text);
  if (answer?.status === 409) return joined(address, draft, (await answer.json()).note);
  if (answer?.status === 404) return saved(address, text); // The call is not there any more: nobody will read it.
  tell(address, "failed");
  send(address, Math.min(MOST, LEAST * 2 ** draft.failures++));
}

function saved(address, text) {
  waiting.delete(address);
  sessionStorage.removeItem(KEPT + address);
  const box = boxOf(address);
  if (box) box.dataset.known = text;
  tell(address, "done");
}

// Somebody else has written meanwhile: both stay, theirs first, and whoever types here is told.
function joined(address, draft, theirs) {
  const text = theirs.includes(draft.text) ? theirs : `${theirs}\n${draft.text}`;
  const box = boxOf(address);
  if (box) {
    box.value = text;
    box.dataset.known = theirs;
  }
  keep(address, { text, known: theirs });
  tell(address, "joined");
}

function restore() {
  for (const box of boxes()) {
    const kept = waiting.get(box.dataset.draft);
    if (kept && kept.text !== box.value) box.value = kept.text;
  }
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches?.("textarea[data-draft]")) return;
  keep(target.dataset.draft, { text: target.value, known: target.dataset.known });
});
// What was typed when the page was left goes on from here.
for (const name of Object.keys(sessionStorage)) {
  if (name.startsWith(KEPT)) keep(name.slice(KEPT.length), JSON.parse(sessionStorage.getItem(name)));
}
const pane = document.getElementById("pane");
if (pane) new MutationObserver(restore).observe(pane, { childList: true, subtree: true });
restore();
addEventListener("online", () => { for (const address of waiting.keys()) send(address, 0); });

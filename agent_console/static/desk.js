// The agent's page: the record pops up as the telephone rings, forms answer in place, SOS cannot be missed.
import { headline, listen, show, startClocks } from "./live.js";
import { quoteOrders } from "./quote.js";

const by = (id) => document.getElementById(id);
const pane = by("pane"), state = by("state"), sos = by("sos"), ringing = by("ringing"), banner = by("sos-banner");
const tick = startClocks();
const popped = { call: shownCall(), elder: pane.querySelector("[data-elder]")?.dataset.elder ?? "" };
let latest = 0; // Counts loads of the pane; an answer that comes after a newer request is dropped.

async function send(address, options = {}) {
  try {
    return await fetch(address, { headers: { "X-Requested-With": "fetch" }, ...options });
  } catch {
    show(by("lost"), true); // The line is down; what was typed is still there.
    return null;
  }
}

async function load(address, options = {}) {
  const turn = ++latest;
  const answer = await send(address, options);
  if (answer === null || turn !== latest) return;
  if (answer.ok) {
    pane.innerHTML = await answer.text(); // Rendered and escaped by the server.
    pane.querySelector("h1")?.scrollIntoView({ block: "nearest" });
    return;
  }
  const problem = await answer.json().catch(() => ({ detail: answer.statusText }));
  const line = Object.assign(document.createElement("p"), { className: "wrong", textContent: problem.detail });
  line.setAttribute("role", "alert");
  pane.querySelector(".wrong")?.remove();
  pane.prepend(line);
}

async function keepNotes() {
  for (const form of pane.querySelectorAll("form.notes")) {
    const note = form.elements.note;
    if (note.value !== note.defaultValue) {
      await send(form.action, { method: "POST", body: new FormData(form) });
    }
  }
}

function shownCall() {
  return pane.querySelector("[data-call]")?.dataset.call ?? "";
}

async function pop({ call_id, elder_id = null, case_id = null }) {
  const elder = String(elder_id ?? "");
  // Once for each call, and once more if only later it is known whose it is; an agent who then looks elsewhere may.
  if (!call_id || (popped.call === call_id && (elder === "" || elder === popped.elder))) return;
  Object.assign(popped, { call: call_id, elder });
  await keepNotes();
  const wanted = new URLSearchParams({ call: call_id });
  if (elder_id !== null) wanted.set("elder", elder_id);
  if (case_id !== null) wanted.set("case", case_id);
  await load(`${document.body.dataset.record}?${wanted}`);
}

function showState(me) {
  state.textContent = me.state_word;
  state.dataset.state = me.state;
  by("since").dataset.since = me.since;
  for (const button of document.querySelectorAll("#states button")) {
    show(button, button.dataset.show.split(" ").includes(me.state));
  }
  show(ringing, me.state === "ringing" || me.state === "reserved");
  show(by("calls"), Boolean(me.calls_back));
  show(by("rings"), !me.calls_back);
}

// Whoever spoke with an SOS is told until the case is closed.
function showOwed(owes) {
  show(by("owes"), owes.length > 0);
  by("owes").querySelector("span").replaceChildren(...owes.map((each) => caseLink(each, by("owes").dataset.word)));
}

function caseLink({ case_id, elder_id }, word) {
  const wanted = new URLSearchParams(elder_id === null ? { case: case_id } : { case: case_id, elder: elder_id });
  const href = `${by("owes").dataset.address}?${wanted}`;
  return Object.assign(document.createElement("a"), { href, textContent: `${word}${case_id} ` });
}

// The banner of every page lists the open cases. This line says what it does not: that this agent is rung, and, until the
// banner has looked or while there is no database to look into, whoever else cries for help.
function showSos({ me, sos: cries, sos_written: written }) {
  const listed = (banner.dataset.listed ?? "").split(" ");
  const unsaid = (each) => !listed.includes(`case:${each.case_id}`) && !listed.includes(`call:${each.call_id}`);
  const line = (waiting, links) => [
    ...(me?.sos ? [sos.dataset.yours] : waiting.length ? [`${sos.dataset.waiting} ×${waiting.length} `] : []),
    ...links.map((each) => caseLink(each, sos.dataset.written)),
  ];
  const whole = line(cries, written).map((each) => each.textContent ?? each).join("");
  headline("sos", whole && `🆘 ${whole}`);
  sos.replaceChildren(...line(cries.filter(unsaid), written.filter(unsaid)));
  show(sos, sos.textContent !== "");
}

let lastSeen = null; // The last picture: the banner looks at times of its own.
new MutationObserver(() => { if (lastSeen) showSos(lastSeen); }).observe(banner, { attributeFilter: ["data-listed"] });

let talkShown = ""; // The stage, and the colleagues who are ready, for which the buttons of the talk were loaded.

async function showTalk(talk) {
  const wanted = talk ? `${talk.call_id} ${talk.stage} ${talk.partner} ${talk.guests} of ${talk.ready}` : "";
  if (wanted === talkShown) return;
  const place = by("talk");
  const same = wanted.split(" of ")[0] === talkShown.split(" of ")[0];
  if (same && place.contains(document.activeElement)) return; // Whoever chooses a colleague keeps the list meanwhile.
  const chosen = place.querySelector("select")?.value;
  const reason = place.querySelector("[name=reason]")?.value;
  talkShown = wanted;
  const answer = talk ? await send(place.dataset.address) : null;
  if (wanted !== talkShown) return; // It has changed again meanwhile.
  place.innerHTML = answer?.ok ? await answer.text() : ""; // Rendered and escaped by the server.
  show(place, place.innerHTML !== "");
  const option = same && [...place.querySelectorAll("option")].find((each) => each.value === chosen);
  if (option) option.selected = true;
  if (same && reason) place.querySelector("[name=reason]").value = reason;
  talkTrouble(trouble);
}

let trouble = ""; // Why the last wish was not fulfilled; it stays until the next.

function talkTrouble(detail) {
  trouble = detail;
  const line = by("talk").querySelector(".wrong");
  if (!line) return;
  line.textContent = detail;
  show(line, detail !== "");
}

listen({
  TalkChanged(change) {
    if (!change.trouble) return;
    const { trouble: usual, notReached, words } = by("talk").dataset;
    const button = change.party && by("talk").querySelector(`[data-party="${CSS.escape(change.party)}"]`);
    const whom = button ? button.dataset.who : change.party;
    talkTrouble(change.party ? `${whom} ${notReached}${JSON.parse(words)[change.trouble] ?? change.trouble}` : usual);
  },
  snapshot(snapshot) {
    by("waiting").textContent = snapshot.waiting;
    if (snapshot.me) {
      showState(snapshot.me);
      document.dispatchEvent(new CustomEvent("elderline-me", { detail: snapshot.me })); // The telephone compares.
      showTalk(snapshot.me.talk);
      showOwed(snapshot.me.owes);
      if (snapshot.me.call_id && !["wrap_up", "ready"].includes(snapshot.me.state)) pop(snapshot.me);
    }
    lastSeen = snapshot;
    showSos(snapshot);
    tick();
  },
  TicketOffered(offer) {
    by("reason").textContent = offer.reason;
    show(ringing, true);
    pop(offer);
  },
  BulletinChanged() { dispatchEvent(new Event("bulletin")); },
  TicketReturned() { show(ringing, false); },
  TicketAnswered() { show(ringing, false); },
});

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (form.id !== "states" && form.id !== "search" && form.id !== "talk-form" && !("inline" in form.dataset)) return;
  event.preventDefault();
  const body = new FormData(form, event.submitter);
  if (form.id === "search") body.set("call", shownCall());
  const button = event.submitter;
  if (button) button.disabled = true; // A second press sends nothing; the order's key makes it harmless anyway.
  const options = { method: "POST", body };
  if (form.id === "states") await send(form.action, options);
  else if (form.id === "talk-form") {
    talkTrouble("");
    const answer = await send(form.getAttribute("action"), options); // Its buttons are called action, too.
    talkTrouble(answer?.ok ? "" : (await answer?.json().catch(() => null))?.detail ?? "");
  } else await load(form.action, options);
  if (button) button.disabled = false;
});

document.addEventListener("keydown", (event) => {
  // Enter would press the first button of the talk, which calls 120.
  if (event.key === "Enter" && event.target.name === "reason" && event.target.form?.id === "talk-form") event.preventDefault();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-inline]");
  if (!link) return;
  event.preventDefault();
  load(link.href);
});

quoteOrders();

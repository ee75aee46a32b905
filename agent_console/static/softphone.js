// The telephone in the agent's page: the microphone, the line, one call at a time, and what is shown of all that.
import { headline, show } from "./live.js";
import { Ringer } from "./ringer.js";
import { SipLine } from "./sip_line.js";

const pane = document.getElementById("phone");
const part = (name) => pane.querySelector(`[data-part="${name}"]`);
const words = JSON.parse(pane.dataset.words);
const sound = part("sound");
const OFF = `elderline-phone-off-${document.body.dataset.extension}`;
const LEFT = "elderline-talk-left"; // Which talk this very tab was in when it was left, and when.
const BACK_WITHIN = 30_000; // Milliseconds; the router gives the caller to somebody else sooner.
let call = null; // The one call, from its first ring to its end.

// Which buttons there are in which state.
const SHOWN = {
  answer: ["ringing"], decline: ["ringing"], hang_up: ["talking"], mute: ["talking"], keypad: ["talking"],
  retry: ["refused", "no_microphone"], off: ["connecting", "registered", "lost", "denied"], on: ["off"],
};

function tell(state) {
  pane.dataset.line = state;
  part("state").textContent = words[state];
  display();
}

function display() {
  const stage = call ? (call.isEstablished() || call.answered ? "talking" : "ringing") : "none";
  const now = call ? [stage] : [pane.dataset.line];
  pane.dataset.call = stage;
  for (const [name, states] of Object.entries(SHOWN)) show(part(name), states.some((each) => now.includes(each)));
  const muted = Boolean(call?.isMuted().audio);
  part("mute").setAttribute("aria-pressed", String(muted));
  if (stage !== "talking") openKeys(false);
  const said = stage === "none" ? "" : words[muted ? "muted" : stage] + (stage === "ringing" ? ` ${caller()}` : "");
  if (part("call").textContent !== said) part("call").textContent = said; // Said once by a screen reader.
  headline("call", stage === "ringing" ? `☎ ${words.ringing}` : "");
  if (stage === "ringing") ringer.ring(); else ringer.hush();
}

function caller() {
  return call.remote_identity.display_name || call.remote_identity.uri.user || "";
}

// ---- Calls ------------------------------------------------------------------------------------------------------------

function rings(session, talk) {
  if (call) { // One ear, one call: whoever rings meanwhile is told so.
    session.terminate({ status_code: 486 });
    return;
  }
  call = session;
  call.talk = talk;
  session.on("peerconnection", ({ peerconnection }) => {
    peerconnection.addEventListener("track", ({ track, streams }) => {
      sound.srcObject = streams[0] ?? new MediaStream([track]);
      sound.play().catch(() => show(part("silent"), true));
    });
  });
  for (const what of ["accepted", "confirmed", "muted", "unmuted"]) session.on(what, display);
  session.on("ended", () => over(session));
  session.on("failed", () => over(session));
  session.on("getusermediafailed", microphoneFailed);
  display();
  if (wasOurs(session)) return answer();
  // Enter answers, unless the agent is typing.
  if (document.activeElement === document.body || document.activeElement === null) part("answer").focus();
}

// After a reload in mid-talk the caller comes back to this page, and the talk goes on by itself.
function wasOurs(session) {
  const left = JSON.parse(sessionStorage.getItem(LEFT) ?? "null");
  sessionStorage.removeItem(LEFT);
  return left !== null && Date.now() - left.at < BACK_WITHIN && left.talk === session.talk;
}

function leave() {
  if (call?.isEstablished()) sessionStorage.setItem(LEFT, JSON.stringify({ talk: call.talk, at: Date.now() }));
  line.leave(call);
}

function over(session) {
  if (call !== session) return;
  call = null;
  sound.srcObject = null;
  part("pressed").textContent = "";
  display();
}

function answer() {
  if (!call || call.answered || call.isEstablished()) return;
  call.answered = true;
  call.answer({
    mediaConstraints: { audio: true, video: false },
    pcConfig: { iceServers: [], rtcpMuxPolicy: "require" },
  });
  display();
}

function hangUp() {
  call?.terminate(call.isEstablished() ? {} : { status_code: 486 });
}

function mute() {
  if (call?.isMuted().audio) call.unmute({ audio: true }); else call?.mute({ audio: true });
}

function press(key) {
  if (!call?.isEstablished()) return;
  call.sendDTMF(key, { transportType: "RFC2833" });
  part("pressed").textContent += key;
}

function openKeys(open) {
  show(part("keys"), open);
  part("keypad").setAttribute("aria-expanded", String(open));
}

// ---- The microphone and the line -----------------------------------------------------------------------------------------

const ringer = new Ringer((blocked) => show(part("silent"), blocked));
const line = new SipLine({ askAccount, told: tell, rings, busy: () => call !== null });

async function askAccount() {
  const token = document.querySelector('meta[name="csrf-token"]').content;
  const answered = await fetch(pane.dataset.account, { method: "POST", headers: { "X-CSRFToken": token } });
  if (!answered.ok) throw new Error(`no account: ${answered.status}`);
  return answered.json();
}

// Without a microphone the agent could not be heard, so without one there is no registration, and no calls come.
async function begin() {
  if (!navigator.mediaDevices) return tell("insecure");
  tell("asking");
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    for (const track of stream.getTracks()) track.stop(); // It listens in a talk only.
  } catch (error) {
    return microphoneFailed(error);
  }
  await alone();
  line.start();
}

function microphoneFailed(error) {
  line.stop();
  tell(error.name === "NotAllowedError" ? "refused" : "no_microphone");
}

// One page of this browser has the telephone; another waits for it, and says so.
function alone() {
  const name = `elderline-phone-${document.body.dataset.extension}`;
  return new Promise((mine) => {
    const keep = () => { mine(); return new Promise(() => {}); };
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock) return keep();
      tell("elsewhere");
      navigator.locks.request(name, keep);
    });
  });
}

// ---- Buttons, keys, leaving ----------------------------------------------------------------------------------------------

const DOES = {
  answer, decline: hangUp, hang_up: hangUp, mute, retry: begin,
  keypad: () => openKeys(part("keys").hidden),
  off: () => { localStorage.setItem(OFF, "yes"); location.reload(); },
  on: () => { localStorage.removeItem(OFF); begin(); },
};
pane.addEventListener("click", ({ target, detail }) => {
  const button = target.closest("button");
  if (button?.dataset.key) press(button.dataset.key);
  else if (button && detail < 2) DOES[button.dataset.part]?.(); // A double click meant the first button, not what took its place.
});
part("keys").addEventListener("keydown", ({ key }) => { if (/^[0-9*#]$/.test(key)) press(key); });
addEventListener("keydown", (event) => {
  if (event.key === "F8" && pane.dataset.call === "ringing") answer();
  else if (event.key === "F9" && call) hangUp();
  else return;
  event.preventDefault();
});
addEventListener("beforeunload", (event) => { if (pane.dataset.call === "talking") event.preventDefault(); });
addEventListener("pagehide", leave);
addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); }); // What was left is gone.

if (localStorage.getItem(OFF)) tell("off"); else begin();

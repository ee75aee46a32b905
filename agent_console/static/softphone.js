// The telephone in the agent's page: the microphone, the line, one call at a time, and what is shown of all that.
import { HeadsetTest } from "./headset_test.js";
import { headline, show } from "./live.js";
import { Ringer } from "./ringer.js";
import { SipLine } from "./sip_line.js";
import { TalkSound } from "./talk_sound.js";
import { TalkLine } from "./talk_line.js";
import { onWake } from "./wake.js";

const pane = document.getElementById("phone");
const part = (name) => pane.querySelector(`[data-part="${name}"]`);
const words = JSON.parse(pane.dataset.words);
const sound = part("sound");
const OFF = `elderline-phone-off-${document.body.dataset.extension}`;
const LOOK_AGAIN = 3_000; // Milliseconds from one picture of the router's without our registration to the next that counts.
const PEER = { iceServers: [], rtcpMuxPolicy: "require" };
const ECHO = "600";
const MAY_TEST = ["paused", "logged_off"]; // States in which no call may come; the router asks the same.
const state = document.getElementById("state"); // As the router says.
let call = null; // The one call, from its first ring to its end.

// Which buttons there are in which state.
const SHOWN = {
  answer: ["ringing"], decline: ["ringing"], hang_up: ["talking"], mute: ["talking"], keypad: ["talking"],
  end_test: ["testing"], levels: ["talking", "testing"],
  retry: ["refused", "no_microphone"], take_back: ["taken"], off: ["connecting", "registered", "lost", "denied"], on: ["off"],
};

function tell(state) {
  pane.dataset.line = state;
  part("state").textContent = words[state];
  if (state === "registered") talkLine.again(call); // By the way that the line takes now.
  display();
}

function display() {
  const stage = !call ? "none" : call.test ? "testing" : call.isEstablished() || call.answered ? "talking" : "ringing";
  const now = call ? [stage] : [pane.dataset.line];
  pane.dataset.call = stage;
  for (const [name, states] of Object.entries(SHOWN)) show(part(name), states.some((each) => now.includes(each)));
  const mayTest = MAY_TEST.includes(state.dataset.state);
  show(part("test"), !call && mayTest && pane.dataset.line === "registered");
  show(part("test_when"), !call && !mayTest);
  const muted = Boolean(call?.isMuted().audio);
  part("mute").setAttribute("aria-pressed", String(muted));
  if (stage !== "talking") openKeys(false);
  const said = stage === "none" ? talkLine.word : stage === "talking" && talkLine.broken ? words.no_sound : stage === "talking" && talkLine.back && !muted ? words.sound_back : words[muted ? "muted" : stage] + (stage === "ringing" ? ` ${caller()}` : "");
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
  take(session, { talk });
  if (talkLine.wasOurs(talk)) return answer();
  // Enter answers, unless the agent is typing.
  if (document.activeElement === document.body || document.activeElement === null) part("answer").focus();
}

// From now on this is the call.
function take(session, about) {
  call = Object.assign(session, about);
  const listen = (peerconnection) => peerconnection.addEventListener("track", ({ track, streams }) => {
    sound.srcObject = streams[0] ?? new MediaStream([track]);
    sound.play().catch(() => show(part("silent"), true));
    if (call?.test) test.start(sound.srcObject, talkSound.devices.used("speaker"), sound.volume, hangUp);
  });
  const begin = (peerconnection) => { listen(peerconnection); if (!about.test) talkLine.watch(session, peerconnection); };
  if (session.connection) begin(session.connection);
  else session.on("peerconnection", ({ peerconnection }) => begin(peerconnection));
  for (const what of ["accepted", "confirmed", "muted", "unmuted"]) session.on(what, display);
  session.on("confirmed", () => { if (call === session) talkSound.attach(session, session.test && (() => test.level())); });
  session.on("ended", ({ message }) => over(session, message));
  session.on("failed", () => over(session));
  session.on("getusermediafailed", microphoneFailed);
  part("test_word").textContent = about.test ? words.test_speak : "";
  display();
}

function leave() {
  if (call?.isEstablished()) talkLine.keep(call);
  line.leave(call);
}

// The network has cut the talk. The router keeps the caller for this page for a while, and so does this page.
function giveUp() {
  const lost = call;
  talkLine.keep(lost);
  line.leave(lost, true);
  line.start();
}

function over(session, message) {
  if (call !== session) return;
  if (call.test) testOver(session);
  const cut = talkLine.over(session, message);
  call = null;
  talkSound.detach();
  sound.srcObject = null;
  part("pressed").textContent = "";
  display();
  if (cut) line.renew();
}

function answer() {
  if (!call || call.answered || call.isEstablished()) return;
  call.answered = true;
  call.answer({
    mediaConstraints: { audio: talkSound.devices.constraints, video: false },
    pcConfig: PEER,
  });
  display();
}

// ---- Trying the headset ----------------------------------------------------------------------------------------------------

// A call to the echo. What comes back is played a moment later, so this very moment is not to be heard.
function tryHeadset() {
  if (call) return;
  sound.muted = true;
  const session = line.call(ECHO, { mediaConstraints: { audio: talkSound.devices.constraints, video: false }, pcConfig: PEER });
  if (session) take(session, { test: true });
}

function testOver(session) {
  test.stop();
  sound.muted = false;
  const { levels } = talkSound;
  const found = !session.start_time ? "test_not_now" : !levels.heard("mine") ? "test_no_voice" : !levels.heard("theirs") ? "test_no_echo" : "test_over";
  part("test_word").textContent = words[found];
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
const talkLine = new TalkLine({ words, changed: display, giveUp });
const test = new HeadsetTest();
const talkSound = new TalkSound(part, ringer, microphones);
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
    await talkSound.devices.refresh(); // Names of devices are told to whom the microphone is allowed.
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

// Whoever pulls the last microphone out gets no calls; whoever plugs one in gets them again.
function microphones(any) {
  if (call) return;
  if (!any && pane.dataset.line === "registered") microphoneFailed({ name: "NotFoundError" });
  else if (any && pane.dataset.line === "no_microphone") begin();
}

// One page of this browser has the telephone; another waits for it, and says so.
let mine = null; // Ours for good, once we have it.

function alone() {
  return mine ??= takeLock();
}

function takeLock() {
  const name = `elderline-phone-${document.body.dataset.extension}`;
  return new Promise((got) => {
    const keep = () => { got(); return new Promise(() => {}); };
    navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock) return keep();
      tell("elsewhere");
      navigator.locks.request(name, keep);
    });
  });
}

// ---- Buttons, keys, leaving ----------------------------------------------------------------------------------------------

const DOES = {
  answer, decline: hangUp, hang_up: hangUp, mute, retry: begin, take_back: begin, test: tryHeadset, end_test: hangUp,
  hear_ring: () => ringer.once(),
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
new MutationObserver(display).observe(state, { attributeFilter: ["data-state"] });
addEventListener("beforeunload", (event) => { if (pane.dataset.call === "talking") event.preventDefault(); });
// The router's picture: who is registered for this agent.
let strange = 0; // Since when it is not this page: registrations come and go one after the other, so one look is none.
document.addEventListener("elderline-me", ({ detail: { browsers } }) => {
  if (!line.name || call || browsers.includes(line.name)) {
    strange = 0;
  } else if (!strange) {
    strange = Date.now();
    setTimeout(() => document.dispatchEvent(new Event("elderline-look")), LOOK_AGAIN);
  } else if (Date.now() - strange >= LOOK_AGAIN) {
    strange = 0;
    if (browsers.length === 0) return line.renew(); // Nobody would be routed here, whatever this page believes.
    line.stop();
    tell("taken");
  }
});
onWake((slept) => line.wake(slept));
addEventListener("offline", () => line.cut());
addEventListener("pagehide", leave);
addEventListener("pageshow", ({ persisted }) => { if (persisted) location.reload(); }); // What was left is gone.

if (localStorage.getItem(OFF)) tell("off"); else begin();

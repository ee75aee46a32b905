// A telephone with large keys: it calls one of the hotline's numbers as an invented person, and is called by nobody.
import JsSIP from "./jssip.js";

const handset = document.getElementById("handset");
const part = (name) => handset.querySelector(`[data-part="${name}"]`);
const words = JSON.parse(handset.dataset.words);
const sound = part("sound");
const CONNECT_WITHIN = 10_000; // Milliseconds until Asterisk's WebSocket stands, or the call has failed.
let ua = null; // The account of the call that is made, and its line; none between calls.
let call = null;

function tell(state) {
  handset.dataset.state = state;
  part("said").textContent = words[state];
  const busy = state !== "idle" && !state.startsWith("over") && !FAILED.includes(state);
  part("call").disabled = busy;
  part("hang_up").disabled = !busy;
  for (const name of ["person", "line"]) part(name).disabled = busy;
}
const FAILED = ["no_microphone", "insecure", "refused", "lost"];

async function dial(line) {
  if (ua) return;
  if (!navigator.mediaDevices) return tell("insecure");
  tell("dialling");
  part("pressed").textContent = "";
  let account;
  try {
    account = await askAccount();
  } catch {
    return tell("lost");
  }
  const own = ua = new JsSIP.UA({
    sockets: [new JsSIP.WebSocketInterface(account.websocket)],
    uri: account.uri,
    authorization_user: account.user,
    password: account.password,
    user_agent: "Elderline page",
    register: false,
    session_timers: false,
  });
  const late = setTimeout(() => over(own, "lost"), CONNECT_WITHIN);
  ua.on("connected", () => {
    clearTimeout(late);
    if (ua === own && !call) place(own, account.lines[line]);
  });
  ua.on("disconnected", () => { if (!call) over(own, "lost"); });
  ua.start();
}

function place(own, target) {
  call = own.call(target, {
    mediaConstraints: { audio: true, video: false },
    pcConfig: { iceServers: [], rtcpMuxPolicy: "require" },
  });
  call.connection.addEventListener("track", ({ track, streams }) => {
    sound.srcObject = streams[0] ?? new MediaStream([track]);
    sound.play().catch(() => {}); // Whoever calls has clicked, so that it may play.
  });
  call.on("progress", () => tell("ringing"));
  call.on("accepted", () => tell("talking"));
  call.on("getusermediafailed", () => over(own, "no_microphone"));
  call.on("ended", () => over(own, "over"));
  call.on("failed", ({ cause }) => over(own, cause === JsSIP.C.causes.USER_DENIED_MEDIA_ACCESS ? "no_microphone" : cause === JsSIP.C.causes.CANCELED ? "over" : "refused"));
}

function over(own, state) {
  if (ua !== own) return;
  ua = call = null;
  sound.srcObject = null;
  own.stop();
  tell(state);
}

function hangUp() {
  const own = ua;
  if (call) call.terminate(); // Its end tells the rest.
  else if (own) over(own, "over");
}

// Who is in a call and presses the red key wants help, whatever the call is about: it ends, and the SOS number is dialled.
function sos() {
  if (ua) {
    const own = ua;
    call?.terminate();
    over(own, "over");
  }
  part("line").value = "sos";
  dial("sos");
}

function press(key) {
  if (!call?.isEstablished()) return;
  call.sendDTMF(key, { transportType: "RFC2833" });
  part("pressed").textContent += key;
}

async function askAccount() {
  const answered = await fetch(handset.dataset.account, {
    method: "POST",
    headers: { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
    body: new URLSearchParams({ person: part("person").value }),
  });
  if (!answered.ok) throw new Error(`no account: ${answered.status}`);
  return answered.json();
}

part("call").addEventListener("click", () => dial(part("line").value));
part("hang_up").addEventListener("click", hangUp);
part("sos").addEventListener("click", sos);
part("keys").addEventListener("click", ({ target }) => { if (target.dataset.key) press(target.dataset.key); });
part("volume").addEventListener("input", ({ target }) => { sound.volume = target.value / 100; });
addEventListener("keydown", (event) => {
  if (event.target.closest?.("select, input")) return;
  if (/^[0-9*#]$/.test(event.key)) press(event.key);
  else if (event.key === "Escape") hangUp();
});
addEventListener("pagehide", hangUp);
tell("idle");

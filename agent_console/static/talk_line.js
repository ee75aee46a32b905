// What becomes of a talk whose line breaks: said at once, taken up again where that is possible, and never believed in for long.
const LEFT = "elderline-talk-left"; // Which talk this very tab was in when it was left or cut, and when.
const BACK_WITHIN = 30_000; // Milliseconds; the router gives the caller to somebody else sooner.
const LOOK = 500; // Milliseconds between two looks at what has come.
const QUIET = 2_500; // Milliseconds without a packet, when questions were not answered either: the line is broken.
const ASKED = 2; // So many of the questions that browsers ask each other all the time (RFC 7675).
const ANEW = 3_000; // Milliseconds between two attempts to find another way for the sound.
const GIVE_UP = 6_500; // Milliseconds of a broken line; by then Asterisk has given up, too, if it hears us no better.
const NEVER_HEARD = 4_000; // The same in a talk that had no sound at all: it comes no more, and somebody waits.
const TOLD_FOR = 20_000; // Milliseconds, for what became of a talk.
const BACK_FOR = 8_000; // Milliseconds, for the word that there is sound again.

const NO_SOUND = /cause=44/; // Asterisk's reason (Q.850) when nothing came from us for as long as it waits.

export class TalkLine {
  broken = false; // No sound passes in the talk of now.
  back = false; // It was broken, and has sound again since a moment.
  word = ""; // What became of the last talk, for a while.
  #heard = false; // Whether there was any sound in this talk.
  #timer = 0;
  #watch = 0;

  // changed() is called when what is to be shown is another; giveUp() when the talk is not to be saved.
  constructor({ words, changed, giveUp }) {
    Object.assign(this, { words, changed, giveUp });
  }

  // The browser tells when it takes the line for dead, after some 5 s; what has come is looked at besides, which is sooner.
  watch(session, connection) {
    this.#forget();
    connection.addEventListener("iceconnectionstatechange", () => {
      if (session.isEnded()) return;
      const state = connection.iceConnectionState;
      if (state === "connected" || state === "completed") this.#mended();
      else if (state === "disconnected" || state === "failed") this.#breaks(session);
    });
    let last = null, looked = 0, tried = 0;
    this.#heard = false;
    clearInterval(this.#watch);
    this.#watch = setInterval(async () => {
      const came = session.isEstablished() ? await whatCame(connection) : null;
      const now = Date.now(), slept = now - looked > QUIET;
      looked = now;
      if (!came || session.isEnded()) return;
      this.#heard ||= came.sound > 0;
      for (const each of ["questions", "answers"]) if (last) last[each] = Math.min(last[each], came[each]); // A way may be gone.
      if (!last || slept || came.sound > last.sound || came.answers > last.answers) {
        if (last && came.sound > last.sound) this.#mended();
        last = { ...came, at: now };
      } else if (now - last.at > QUIET && came.questions - last.questions >= ASKED) {
        this.#breaks(session);
        if (now - tried > ANEW) { // Another way, within the same talk, if there is one.
          tried = now;
          session.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
        }
      }
    }, LOOK);
  }

  // The line is registered, perhaps by another way than before: what Asterisk has to say of the talk is to take it, too.
  again(session) {
    if (session?.isEstablished() && !session.test) session.renegotiate(); // A talk that is gone at Asterisk ends by this.
  }

  // The call has ended, perhaps by `message`; tells whether the line was broken, and not the talk.
  over(session, message) {
    const cut = this.broken || (session.start_time && NO_SOUND.test(message?.getHeader?.("Reason") ?? ""));
    clearInterval(this.#watch);
    clearTimeout(this.#timer);
    this.broken = this.back = false;
    if (!cut || session.test) return false;
    this.keep(session);
    return true;
  }

  // This page will take the talk up again if it is given to it soon.
  keep(session) {
    if (!session.talk) return;
    sessionStorage.setItem(LEFT, JSON.stringify({ talk: session.talk, at: Date.now() }));
    this.word = this.words.cut;
    setTimeout(() => { this.#forget(); this.changed(); }, TOLD_FOR);
  }

  wasOurs(talk) {
    const left = JSON.parse(sessionStorage.getItem(LEFT) ?? "null");
    sessionStorage.removeItem(LEFT);
    return left !== null && Date.now() - left.at < BACK_WITHIN && left.talk === talk;
  }

  #breaks(session) {
    if (this.broken) return;
    clearTimeout(this.#timer);
    this.broken = true;
    this.back = false;
    this.#timer = setTimeout(() => { if (session.isEstablished()) this.giveUp(); }, this.#heard ? GIVE_UP : NEVER_HEARD);
    this.changed();
  }

  #mended() {
    if (!this.broken) return;
    clearTimeout(this.#timer);
    this.broken = false;
    this.back = true;
    this.#timer = setTimeout(() => { this.back = false; this.changed(); }, BACK_FOR);
    this.changed();
  }

  #forget() {
    this.word = "";
  }
}

// So much sound has come, so many questions were asked and answered, on all ways of this connection.
async function whatCame(connection) {
  if (connection.connectionState === "closed") return null;
  const came = { sound: 0, questions: 0, answers: 0 };
  for (const each of (await connection.getStats()).values()) {
    if (each.type === "inbound-rtp" && each.kind === "audio") came.sound += each.packetsReceived;
    if (each.type !== "candidate-pair") continue;
    came.questions += each.requestsSent + (each.consentRequestsSent ?? 0);
    came.answers += each.responsesReceived;
  }
  return came;
}

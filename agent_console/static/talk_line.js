// What becomes of a talk whose line breaks: said at once, taken up again where that is possible, and never believed in for long.
const LEFT = "elderline-talk-left"; // Which talk this very tab was in when it was left or cut, and when.
const BACK_WITHIN = 30_000; // Milliseconds; the router gives the caller to somebody else sooner.
const GIVE_UP = 4_000; // Milliseconds after the browser has noticed, which takes it 5 s; then Asterisk has given up, too.
const TOLD_FOR = 20_000; // Milliseconds, for what became of a talk.

export class TalkLine {
  broken = false; // No sound passes in the talk of now.
  word = ""; // What became of the last talk, for a while.
  #timer = 0;

  // changed() is called when what is to be shown is another; giveUp() when the talk is not to be saved.
  constructor({ words, changed, giveUp }) {
    Object.assign(this, { words, changed, giveUp });
  }

  // The browser asks the other side every few seconds whether it is there (RFC 7675), and tells.
  watch(session, connection) {
    this.#forget();
    connection.addEventListener("iceconnectionstatechange", () => {
      if (session.isEnded()) return;
      const state = connection.iceConnectionState;
      if (state === "connected" || state === "completed") this.#mended();
      else if (state === "disconnected" || state === "failed") this.#breaks(session);
    });
  }

  // The line is registered, perhaps by another way than before: what Asterisk has to say of the talk is to take it, too.
  again(session) {
    if (session?.isEstablished() && !session.test) session.renegotiate(); // A talk that is gone at Asterisk ends by this.
  }

  // The call has ended; tells whether the line was broken, and not the talk.
  over(session) {
    const cut = this.broken;
    this.#mended();
    if (!cut) return false;
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
    this.broken = true;
    this.#timer = setTimeout(() => { if (session.isEstablished()) this.giveUp(); }, GIVE_UP);
    this.changed();
  }

  #mended() {
    clearTimeout(this.#timer);
    if (!this.broken) return;
    this.broken = false;
    this.changed();
  }

  #forget() {
    this.word = "";
  }
}

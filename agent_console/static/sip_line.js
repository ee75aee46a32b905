// The line to Asterisk: SIP over a WebSocket, registered for as long as the page lives. What it says of itself is true.
import JsSIP from "./jssip.js";

const LEAST = 2, MOST = 30; // Seconds between two attempts, whatever fails.
const REGISTERED_FOR = 120; // Seconds; renewed at half of it or later.
const DEAD = 75_000; // Milliseconds. Asterisk asks every 15 s whether we are there; a hidden page may look once a minute.
const LOOK = 15_000;
const SETTLED = 3_000; // Milliseconds until whoever shows registrations has heard of ours.
const FRESH = 20_000; // Milliseconds; Asterisk has asked meanwhile, unless nobody could hear it.
// Not a normal end (Q.850 41, temporary failure): the caller goes back to hold, not away, and waits for this page for a while.
const PAGE_LEFT = 'Reason: Q.850;cause=41;text="page left"';

// No sound passes (Q.850 44, as Asterisk says it itself): the same, but not again and again.
const NO_SOUND = 'Reason: Q.850;cause=44;text="no sound"';

export class SipLine {
  #ua = null;
  #running = false;
  #failures = 0; // In a row.
  #later = 0; // The timer of the next attempt.
  #watch = 0;
  #heard = 0; // When Asterisk was last heard of.
  #since = 0; // When the registration was confirmed.

  // The registration's own name, by which the router tells it from another machine's; "" while there is none.
  get name() {
    return this.#ua?.isRegistered() && Date.now() - this.#since > SETTLED ? this.#ua.contact.uri.user : "";
  }

  // askAccount() gives { user, uri, password, websocket }, or throws. told(state) hears "connecting", "registered", "lost"
  // or "denied". rings(session, talk) hears of each call that comes in. busy() tells whether there is a call.
  constructor({ askAccount, told, rings, busy }) {
    Object.assign(this, { askAccount, told, rings, busy });
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#watch = setInterval(() => this.#look(), LOOK);
    this.told("connecting");
    this.#connect();
  }

  stop() {
    this.#running = false;
    clearTimeout(this.#later);
    clearInterval(this.#watch);
    this.#drop();
  }

  // The page is being left, perhaps in the middle of a talk, or a talk without sound is.
  leave(session, silent = false) {
    if (session?.isEstablished()) session.terminate({ extraHeaders: [silent ? NO_SOUND : PAGE_LEFT] });
    this.stop();
  }

  // The line may be dead, or be another's: begin anew, and say so. Soon, but never in a hurry.
  renew() {
    if (!this.#running) return;
    this.#failures = 0;
    this.#tryLater("lost");
  }

  // The page slept, or the network is there again: whatever was not heard of meanwhile is looked at now.
  wake(slept) {
    if (!this.#running) return;
    const registered = this.#ua?.isRegistered();
    if (registered && this.busy()) return; // The talk shows whether it lives, and looks after itself.
    if (!registered || slept || Date.now() - this.#heard > FRESH) this.renew();
  }

  // The network is gone, says the browser; a connection would notice in a minute.
  cut() {
    if (this.#running) this.told("lost");
  }

  // Calls somebody; null while there is no line.
  call(whom, options) {
    const ua = this.#ua;
    return ua?.isRegistered() ? ua.call(`sip:${whom}@${ua.configuration.uri.host}`, options) : null;
  }

  async #connect() {
    let account;
    try {
      account = await this.askAccount(); // Anew each time: the secret may have been changed.
    } catch {
      this.#tryLater("lost");
      return;
    }
    if (!this.#running) return;
    const ua = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(account.websocket)],
      uri: account.uri,
      authorization_user: account.user,
      password: account.password,
      user_agent: "Elderline",
      register_expires: REGISTERED_FOR,
      session_timers: false,
      connection_recovery_min_interval: LEAST,
      connection_recovery_max_interval: MOST,
    });
    const ours = (handle) => (data) => { if (ua === this.#ua) handle(data); };
    ua.on("registered", ours(() => { this.#failures = 0; this.#since = Date.now(); this.#hear(); this.told("registered"); }));
    ua.on("newOptions", ours(() => this.#hear()));
    ua.on("disconnected", ours(() => this.told("lost"))); // JsSIP connects again by itself, within the bounds above.
    ua.on("registrationFailed", ours(({ response }) => this.#tryLater(response ? "denied" : "lost")));
    ua.on("newRTCSession", ours(({ originator, session, request }) => {
      if (originator === "remote") this.rings(session, request.getHeader("X-Elderline-Call"));
    }));
    this.#ua = ua;
    ua.start();
  }

  #tryLater(state) {
    if (!this.#running) return;
    this.told(state);
    clearTimeout(this.#later);
    const seconds = Math.min(MOST, LEAST * 2 ** this.#failures++);
    this.#later = setTimeout(() => this.#again(), seconds * 1000 * (0.75 + Math.random() / 2)); // Not all pages at once.
  }

  #again() {
    if (this.busy()) { // A talk goes on without a registration; it would not without its connection.
      this.#later = setTimeout(() => this.#again(), MOST * 1000);
      return;
    }
    this.#drop();
    this.#connect();
  }

  #drop() {
    const ua = this.#ua;
    this.#ua = null;
    ua?.stop();
  }

  #hear() {
    this.#heard = Date.now();
  }

  // A laptop that slept, or a network that changed, leaves connections that look alive and are not.
  #look() {
    if (!this.#ua?.isRegistered() || Date.now() - this.#heard < DEAD) return;
    this.#hear();
    this.#tryLater("lost");
  }
}

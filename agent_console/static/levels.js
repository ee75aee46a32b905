// How loud both sides of a talk are, as the browser's own statistics say, and whether nothing is heard of the agent at all.
const EVERY = 200; // Milliseconds.
const NOTHING = 0.001; // -60 dB of full scale: below it a microphone is off, unplugged or muted in the system.
const FIRST = 8_000, LATER = 30_000; // Milliseconds of nothing: at first agents greet, later they listen for long.
const RANGE = 50; // dB that the meter shows.

export class Levels {
  #timer = 0;
  #meters;
  #silent;

  // meters: { mine, theirs }, two <meter> from 0 to 1. silent(yes) hears whether nothing has come of the microphone for long.
  constructor(meters, silent) {
    this.#meters = meters;
    this.#silent = silent;
  }

  // connection() gives the RTCPeerConnection of now; muted() whether the agent means to be silent; theirs(), if given, how
  // loud the other side is, where the browser does not know.
  start(connection, muted, theirs) {
    this.stop();
    this.most = { mine: 0, theirs: 0 }; // The loudest of this talk.
    let quietSince = Date.now(), patience = FIRST, told = false;
    this.#timer = setInterval(async () => {
      const found = await levels(connection());
      if (!found || !this.#timer) return;
      if (theirs) found.theirs = theirs();
      for (const side of ["mine", "theirs"]) {
        this.#meters[side].value = shown(found[side]);
        this.most[side] = Math.max(this.most[side], found[side]);
      }
      if (found.mine >= NOTHING) patience = LATER;
      if (found.mine >= NOTHING || muted()) quietSince = Date.now();
      const silent = Date.now() - quietSince > patience;
      if (silent !== told) this.#silent(told = silent);
    }, EVERY);
  }

  stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.#silent(false);
    for (const meter of Object.values(this.#meters)) meter.value = 0;
  }

  // Of "mine" and "theirs": whether anything was heard in this talk.
  heard(side) {
    return this.most[side] >= NOTHING;
  }
}

async function levels(connection) {
  if (!connection || connection.connectionState === "closed") return null;
  const found = { mine: 0, theirs: 0 };
  for (const each of (await connection.getStats()).values()) {
    if (each.kind !== "audio") continue;
    if (each.type === "media-source") found.mine = each.audioLevel ?? 0;
    if (each.type === "inbound-rtp") found.theirs = each.audioLevel ?? 0;
  }
  return found;
}

// Ears hear in decibels, and so does the meter.
function shown(level) {
  return level > 0 ? Math.max(0, Math.min(1, 1 + 20 * Math.log10(level) / RANGE)) : 0;
}

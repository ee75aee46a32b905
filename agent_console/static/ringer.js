// The sound of an incoming call: two soft tones, a second of them in three, made here so that no file is loaded.
const TONES = [523.25, 659.25]; // Hertz; both pass the small loudspeakers of laptops.
const SECONDS = 3, RINGING = 1;
const LEVEL = 0.25; // Of full scale.

export class Ringer {
  #context = new AudioContext();
  #source = null;
  #gain = new GainNode(this.#context);

  // blocked(yes) hears whether the browser keeps us silent: it does until somebody has touched the page.
  constructor(blocked) {
    const tell = () => blocked(this.#context.state !== "running");
    this.#context.addEventListener("statechange", tell);
    for (const touched of ["pointerdown", "keydown"]) addEventListener(touched, () => this.#context.resume());
    tell();
    this.#gain.connect(this.#context.destination);
  }

  // The device that rings ("": the system's own), and how loud, from 0 to 1.
  use(sinkId, volume) {
    this.#gain.gain.value = volume;
    if ((this.#context.sinkId ?? "") !== sinkId) this.#context.setSinkId?.(sinkId).catch(() => {}); // Gone: the system's own rings on.
  }

  // One ring, to hear how loud it is.
  once() {
    if (this.#source) return;
    this.#context.resume();
    const source = new AudioBufferSourceNode(this.#context, { buffer: this.#bell() });
    source.connect(this.#gain);
    source.start();
  }

  ring() {
    if (this.#source) return;
    this.#context.resume();
    this.#source = new AudioBufferSourceNode(this.#context, { buffer: this.#bell(), loop: true });
    this.#source.connect(this.#gain);
    this.#source.start();
  }

  hush() {
    this.#source?.stop();
    this.#source = null;
  }

  #bell() {
    const rate = this.#context.sampleRate;
    const buffer = new AudioBuffer({ length: SECONDS * rate, sampleRate: rate });
    const samples = buffer.getChannelData(0);
    for (let at = 0; at < RINGING * rate; at++) {
      const time = at / rate;
      const swell = Math.min(1, time * 20, (RINGING - time) * 20) * LEVEL; // No click at either end.
      samples[at] = swell * Math.sin(2 * Math.PI * TONES[Math.floor(time * 8) % 2] * time);
    }
    return buffer;
  }
}

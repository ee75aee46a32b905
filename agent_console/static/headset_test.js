// A call to the echo at Asterisk: whoever speaks hears the own voice come back a moment later, by the way that callers' voices take.
const LASTS = 15_000; // Milliseconds; Asterisk ends it soon after, whatever the page does.
const LATER = 3; // Seconds, so that one's own voice is not mistaken for what comes back.

export class HeadsetTest {
  #context = null;
  #ear = null;
  #end = 0;

  // Has what comes back played by `sinkId` after a while; over() is called when there was time enough.
  start(stream, sinkId, volume, over) {
    this.#context = new AudioContext();
    if (sinkId) this.#context.setSinkId?.(sinkId).catch(() => {}); // Pulled out this moment: the system's own plays it.
    const delay = new DelayNode(this.#context, { maxDelayTime: LATER, delayTime: LATER });
    const gain = new GainNode(this.#context, { gain: volume });
    this.#ear = new AnalyserNode(this.#context, { fftSize: 2048 });
    this.#context.createMediaStreamSource(stream).connect(this.#ear).connect(delay).connect(gain).connect(this.#context.destination);
    this.#end = setTimeout(over, LASTS);
  }

  // How loud it comes back now, from 0 to 1: the browser's statistics say nothing of a sound that is not played at once.
  level() {
    if (!this.#ear) return 0;
    const samples = new Float32Array(this.#ear.fftSize);
    this.#ear.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, each) => sum + each * each, 0) / samples.length);
  }

  stop() {
    clearTimeout(this.#end);
    this.#context?.close();
    this.#context = this.#ear = null;
  }
}

// Sounds of the large screen: a short one when a figure calls for a look, three when it calls for help, again every
// ten seconds while that lasts. A browser lets a page sound only after somebody has pressed something on it.
const ORDER = ["calm", "warn", "alarm"];
const AGAIN_MS = 10_000;
const KEPT = "elderline-board-sound";

export function soundOf(button, words) {
  let context = null;
  let shown = {};
  let last = 0;

  function beep(times) {
    last = performance.now();
    document.body.dataset.sounded = Number(document.body.dataset.sounded ?? 0) + times;
    for (let at = 0; at < times; at += 1) {
      const [tone, volume, begins] = [context.createOscillator(), context.createGain(), context.currentTime + at * 0.4];
      tone.frequency.value = times > 1 ? 880 : 620;
      volume.gain.setValueAtTime(0, begins);
      volume.gain.linearRampToValueAtTime(0.4, begins + 0.02);
      volume.gain.linearRampToValueAtTime(0, begins + 0.25);
      tone.connect(volume).connect(context.destination);
      tone.start(begins);
      tone.stop(begins + 0.3);
    }
  }

  function say(on) {
    button.setAttribute("aria-pressed", String(on));
    button.textContent = on ? words.sound_on : words.sound_off;
  }

  button.addEventListener("click", async () => {
    if (context) {
      await context.close();
      context = null;
    } else {
      context = new AudioContext();
      await context.resume();
      beep(1);
    }
    localStorage.setItem(KEPT, context ? "on" : "off");
    say(context !== null);
  });
  // It was on before the page was loaded anew: on with the first press anywhere, for the browser allows it no sooner.
  if (localStorage.getItem(KEPT) === "on") {
    addEventListener("pointerdown", (event) => { if (!context && event.target !== button) button.click(); }, { once: true });
  }
  say(false);

  return {
    levels(now) {
      const rose = Object.entries(now).filter(([name, level]) => ORDER.indexOf(level) > ORDER.indexOf(shown[name] ?? "calm"));
      const alarms = Object.values(now).includes("alarm");
      shown = now;
      if (!context) return;
      if (rose.some(([, level]) => level === "alarm") || (alarms && performance.now() - last > AGAIN_MS)) beep(3);
      else if (rose.length) beep(1);
    },
  };
}

// Tells when this page has slept, as in a closed laptop or a tab that the browser froze, and when the network is back.
const BEAT = 5_000;
const SLEPT = { visible: 15_000, hidden: 75_000 }; // Milliseconds. In a hidden tab a timer may run once a minute.

// woke(slept) hears whether this page has surely slept; else it may only be that nobody looked, or the network was away.
export function onWake(woke) {
  let last = Date.now(), seen = document.visibilityState;
  setInterval(() => {
    const away = Date.now() - last;
    last = Date.now();
    if (away > SLEPT[seen]) woke(true);
  }, BEAT);
  document.addEventListener("visibilitychange", () => {
    seen = document.visibilityState;
    if (seen === "visible") woke(false);
  });
  document.addEventListener("resume", () => woke(true));
  addEventListener("online", () => woke(false));
}

// Notes of supervisors on the desk: they come with the live stream, and are looked for every half minute besides.
const EVERY = 30000; // Milliseconds; by then one that is over is gone.

const board = document.getElementById("bulletins");
let shown = null, turn = 0;

async function look() {
  const mine = ++turn;
  try {
    const answer = await fetch(board.dataset.address, { headers: { "X-Requested-With": "fetch" }, redirect: "error" });
    const words = answer.ok ? await answer.text() : null;
    if (words === null || mine !== turn) return;
    const ids = [...new DOMParser().parseFromString(words, "text/html").querySelectorAll("[data-bulletin]")];
    const wanted = ids.map((each) => each.dataset.bulletin).join(" ");
    if (wanted === shown) return; // Else a screen reader would say it again and again.
    shown = wanted;
    board.innerHTML = words; // Rendered and escaped by the server.
  } catch { /* The line is down; the next look tells. What is shown stays. */ }
}

board.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const options = { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" } };
  const answer = await fetch(form.action, options).catch(() => null);
  if (!answer) return; // It stays until it can be said.
  shown = null;
  look();
});
addEventListener("bulletin", look);
setInterval(look, EVERY);
look();

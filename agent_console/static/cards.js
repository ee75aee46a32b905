// Knowledge cards over any page: Alt+K opens them, the fitting first; what is typed narrows them; Escape closes.
const pane = document.getElementById("cards");
const found = pane.querySelector(".kcards"), asked = pane.querySelector("input");

async function open() {
  if (pane.open) return;
  pane.show(); // Not modal: the buttons of the talk stay within reach.
  asked.value = "";
  asked.focus();
  const about = new URLSearchParams();
  const elder = document.querySelector("[data-elder]")?.dataset.elder;
  if (elder) about.set("elder", elder);
  if (document.body.dataset.case) about.set("case", document.body.dataset.case);
  if (document.querySelector(".sos-where")) about.set("sos", "1");
  const answer = await fetch(`${pane.dataset.address}?${about}`, { headers: { "X-Requested-With": "fetch" } }).catch(() => null);
  if (answer?.ok) found.innerHTML = await answer.text(); // Rendered and escaped by the server; else those of before stay.
  narrow();
}

function narrow() {
  const wanted = asked.value.trim().toLowerCase();
  const cards = [...found.querySelectorAll(".kcard")];
  for (const card of cards) {
    const words = card.dataset.words;
    const parts = wanted.split(/\s+/).filter(Boolean);
    card.hidden = wanted !== "" && !parts.some((part) => words.includes(part)) && !words.split(" ").some((word) => wanted.includes(word));
  }
  const shown = cards.filter((card) => !card.hidden);
  if (wanted !== "" && shown.length) for (const card of cards) card.open = card === shown[0];
}

asked.addEventListener("input", narrow);
pane.querySelector("button").addEventListener("click", () => pane.close());
document.addEventListener("keydown", (event) => {
  if (event.altKey && !event.ctrlKey && !event.metaKey && event.code === "KeyK") {
    event.preventDefault();
    if (pane.open) pane.close();
    else open();
  } else if (event.key === "Escape" && pane.open) pane.close();
});

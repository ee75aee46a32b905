// The price of what is being ordered, asked anew whenever the order changes, so that nobody is told an old one.

let latest = 0; // Counts questions; an answer that comes after a newer question is dropped.

const field = (form, name) => form.elements.namedItem(name); // `elements.item` is a method of the collection.
const FIELDS = ["elder", "key", "item", "due", "quantity", "csrf_token"];

async function ask(form) {
  const place = form.querySelector("#quote");
  const turn = ++latest;
  place.replaceChildren("–"); // Without a price in it, the form is asked back with one.
  if (!field(form, "item").value) return;
  const body = new FormData();
  for (const name of FIELDS) body.set(name, field(form, name)?.value ?? "");
  const headers = { "X-Requested-With": "fetch" };
  const answer = await fetch(place.dataset.address, { method: "POST", body, headers }).catch(() => null);
  if (turn !== latest || !place.isConnected || answer === null) return;
  if (answer.ok) {
    place.innerHTML = await answer.text(); // Rendered and escaped by the server.
    return;
  }
  const problem = await answer.json().catch(() => ({ detail: answer.statusText }));
  const line = Object.assign(document.createElement("p"), { className: "wrong", textContent: problem.detail });
  place.replaceChildren(line);
}

function showUnit(form) {
  const { unit, word = "" } = field(form, "item").selectedOptions[0].dataset;
  const quantity = field(form, "quantity");
  form.querySelector("[data-slot=unit]").textContent = word;
  quantity.step = quantity.min = unit === "hour" ? "0.25" : "1";
  quantity.value = "";
}

export function quoteOrders() {
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.id !== "new-order" || !["item", "due", "quantity"].includes(event.target.name)) return;
    if (event.target.name === "item") showUnit(form);
    ask(form);
  });
  document.addEventListener("input", (event) => {
    if (event.target.name === "quantity" && event.target.form?.id === "new-order") ask(event.target.form);
  });
}

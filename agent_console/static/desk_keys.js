// Keys of the desk: Alt and a letter does what the agent does most. A question mark, unless one is typing, tells them all.
const GO = { // To be typed into, or to be chosen from.
  s: "#search [name=wanted]", n: "#pane form.notes [name=note]", b: "#pane .order [name=item], #pane [name=item]",
  t: "#talk [name=target]",
};
const PRESS = {
  o: "#order-again .main, #new-order .main", // What is asked back stands first.
  g: '#states [value="ready"]', p: '#states [value="paused"]', m: '#phone [data-part="mute"]',
  h: '#talk [value="hold"], #talk [value="resume"]', c: '#talk [value="consult"]', j: '#talk [value="confer"]',
};
const help = document.getElementById("keys-help");
const shown = (wanted) => [...document.querySelectorAll(wanted)].find((each) => each.checkVisibility() && !each.disabled);
const typing = ({ target }) => target.matches?.("input, textarea, select, [contenteditable]");

addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.repeat) return;
  const key = event.key.toLowerCase();
  if (event.altKey && (key in GO || key in PRESS)) {
    const found = shown(GO[key] ?? PRESS[key]);
    if (!found) return;
    event.preventDefault();
    if (key in GO) found.focus(); else found.click();
  } else if (event.key === "?" && !event.altKey && !typing(event)) {
    event.preventDefault();
    if (help.open) help.close(); else help.showModal();
  }
});
document.getElementById("keys-open").addEventListener("click", () => help.showModal());

// Alt and a figure press the buttons that call somebody into the talk: 120, 110, 119, then the contacts.
document.addEventListener("keydown", (event) => {
  const figure = /^Digit([1-9])$/.exec(event.code)?.[1];
  if (!figure || !event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  const button = document.querySelectorAll(".one-press button")[figure - 1];
  if (!button?.checkVisibility()) return;
  event.preventDefault();
  if (!button.disabled) button.click();
});

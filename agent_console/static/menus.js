// The menus of the bar close with Escape, with a click elsewhere, and when another one opens.
const menus = document.querySelectorAll("details.menu");

const close = (but) => menus.forEach((menu) => { if (menu !== but) menu.open = false; });

menus.forEach((menu) => menu.addEventListener("toggle", () => { if (menu.open) close(menu); }));
document.addEventListener("click", (event) => close(event.target.closest("details.menu")));
document.addEventListener("keydown", (event) => {
  const open = document.querySelector("details.menu[open]");
  if (event.key !== "Escape" || !open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

// On a narrow window the bar folds; without this script it stays open.
const bar = document.querySelector(".bar");
const burger = bar?.querySelector(".burger");
if (burger) {
  const fold = (folded) => {
    bar.dataset.folded = folded ? "yes" : "no";
    burger.setAttribute("aria-expanded", String(!folded));
  };
  fold(true);
  burger.addEventListener("click", () => fold(bar.dataset.folded === "no"));
}

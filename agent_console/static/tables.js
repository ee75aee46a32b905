// On a narrow window each row of a table is a card: every cell then says which column it is of. Roles are written out,
// because a table that is drawn as blocks is none to a screen reader any more.
const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TH: "columnheader", TD: "cell" };

function label(table) {
  const heads = [...(table.tHead?.rows[0]?.cells ?? [])].map((head) => head.textContent.trim());
  for (const body of table.tBodies) {
    for (const row of body.rows) {
      for (const cell of row.cells) {
        const said = cell.colSpan > 1 ? "" : heads[cell.cellIndex];
        if (said) cell.dataset.label = said;
        cell.setAttribute("role", cell.tagName === "TH" ? "rowheader" : ROLES.TD);
      }
      row.setAttribute("role", ROLES.TR);
    }
  }
}

function stack(table) {
  if (!table.tHead || table.classList.contains("stacked")) return;
  for (const part of [table, table.tHead, ...table.tBodies]) part.setAttribute("role", ROLES[part.tagName]);
  for (const row of table.tHead.rows) {
    row.setAttribute("role", ROLES.TR);
    for (const head of row.cells) head.setAttribute("role", ROLES.TH);
  }
  table.classList.add("stacked");
  label(table);
  new MutationObserver(() => label(table)).observe(table, { childList: true, subtree: true });
}

const all = () => document.querySelectorAll("main table").forEach(stack);
all();
new MutationObserver(all).observe(document.getElementById("main"), { childList: true, subtree: true }); // Panes come later.

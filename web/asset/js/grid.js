// One table's page: values open in the side panel without leaving, and a column
// is brought into view as one types its name.
import { parsePage } from "./fragment.js";
import { morph } from "./morph.js";

export function startGrid() {
  const grid = document.querySelector(".grid-scroll");
  if (!(grid instanceof HTMLElement)) return;
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-cell], a[data-close-panel]") : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    event.preventDefault();
    if (link.hasAttribute("data-close-panel")) closePanel(grid);
    else openCell(grid, link).catch(() => location.assign(link.href));
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closePanel(grid);
  });
  startColumnFinder(grid);
}

/** @param {HTMLElement} grid @param {HTMLAnchorElement} link */
async function openCell(grid, link) {
  const answer = await fetch(link.href);
  const fresh = parsePage(await answer.text()).getElementById("value");
  const panel = document.getElementById("value");
  if (!answer.ok || !fresh || !panel) return location.assign(link.href);
  morph(panel, fresh);
  markOpen(grid, link.closest("td"));
  document.getElementById("value")?.focus({ preventScroll: true });
}

/** @param {HTMLElement} grid */
function closePanel(grid) {
  const panel = document.getElementById("value");
  if (!panel || panel.hidden) return;
  panel.hidden = true;
  const back = grid.querySelector("td.open a");
  markOpen(grid, null);
  if (back instanceof HTMLElement) back.focus({ preventScroll: true });
}

/** @param {HTMLElement} grid @param {Element | null} cell */
function markOpen(grid, cell) {
  for (const open of grid.querySelectorAll("td.open")) open.classList.remove("open");
  cell?.classList.add("open");
}

/** @param {HTMLElement} grid */
function startColumnFinder(grid) {
  const field = document.querySelector('.grid-tools input[name="find"]');
  if (!(field instanceof HTMLInputElement)) return;
  const headers = [...grid.querySelectorAll("th[data-column]")];
  field.addEventListener("input", () => {
    const sought = field.value.trim().toLowerCase();
    let first = true;
    for (const header of headers) {
      const name = header.getAttribute("data-column")?.toLowerCase() ?? "";
      const fits = sought !== "" && name.includes(sought);
      header.classList.toggle("sought", fits);
      if (fits && first) {
        first = false;
        bringIntoView(grid, header);
      }
    }
  });
}

/** @param {HTMLElement} grid @param {Element} header */
function bringIntoView(grid, header) {
  const shift = header.getBoundingClientRect().left - grid.getBoundingClientRect().left;
  grid.scrollBy({ left: shift - 80 });
}

// One table's page: values open in the side panel without leaving, and a column
// is brought into view as one types its name.
import { joinStops, moveStop } from "./grid-stops.js";
import { showPanel } from "./open-cell.js";

// One page follows another in the same document, so everything is looked for when
// it is needed.
export function startGrid() {
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[data-cell], a[data-close-panel]") : null;
    const grid = findGrid();
    if (!(link instanceof HTMLAnchorElement) || !grid) return;
    event.preventDefault();
    if (link.hasAttribute("data-close-panel")) closePanel(grid);
    else openLink(grid, link).catch(() => location.assign(link.href));
  });
  joinStops(document);
  document.addEventListener("keydown", (event) => {
    moveStop(event);
    const grid = event.key === "Escape" ? findGrid() : null;
    if (grid) closePanel(grid);
  });
  document.addEventListener("input", ({ target }) => {
    const grid = findGrid();
    if (grid && target instanceof HTMLInputElement && target.matches('.grid-tools input[name="find"]')) findColumn(grid, target.value);
  });
}

/** @returns {HTMLElement | null} */
function findGrid() {
  return document.querySelector(".grid-scroll");
}

/** @param {HTMLElement} grid @param {HTMLAnchorElement} link */
async function openLink(grid, link) {
  const { pathname, search } = new URL(link.href);
  if (!(await showPanel(pathname + search))) return location.assign(link.href);
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
  (back instanceof HTMLElement ? back : grid).focus({ preventScroll: true });
}

/** @param {HTMLElement} grid @param {Element | null} cell */
function markOpen(grid, cell) {
  for (const open of grid.querySelectorAll("td.open")) open.classList.remove("open");
  cell?.classList.add("open");
}

/** @param {HTMLElement} grid @param {string} text */
function findColumn(grid, text) {
  const sought = text.trim().toLowerCase();
  let first = true;
  for (const header of grid.querySelectorAll("th[data-column]")) {
    const name = header.getAttribute("data-column")?.toLowerCase() ?? "";
    const fits = sought !== "" && name.includes(sought);
    header.classList.toggle("sought", fits);
    if (fits && first) {
      first = false;
      bringIntoView(grid, header);
    }
  }
}

/** @param {HTMLElement} grid @param {Element} header */
function bringIntoView(grid, header) {
  const shift = header.getBoundingClientRect().left - grid.getBoundingClientRect().left;
  grid.scrollBy({ left: shift - 80 });
}

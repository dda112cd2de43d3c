// The way through a table's page by keyboard.

/**
 * All values to open are one stop on the way through the page: from there the
 * arrow keys lead to the others.
 * @param {ParentNode} page
 */
export function joinStops(page) {
  for (const [i, link] of page.querySelectorAll("a[data-cell]").entries()) {
    if (link instanceof HTMLElement) link.tabIndex = i === 0 ? 0 : -1;
  }
}

/** @type {Record<string, [number, number]>} rows and columns that an arrow key goes */
const arrows = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

/** @param {KeyboardEvent} event */
export function moveStop(event) {
  const step = arrows[event.key];
  const link = event.target instanceof Element ? event.target.closest("a[data-cell]") : null;
  const next = step && link instanceof HTMLElement ? nextStop(link, step) : null;
  if (!next || !(link instanceof HTMLElement)) return;
  event.preventDefault();
  link.tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

/**
 * The nearest value to open that way: along the row, or within the column.
 * @param {HTMLElement} link @param {[number, number]} step
 * @returns {HTMLElement | null}
 */
function nextStop(link, [down, right]) {
  const cell = link.closest("td");
  const row = link.closest("tr");
  if (!cell || !row) return null;
  if (right !== 0) {
    const links = [...row.querySelectorAll(/** @type {"a"} */ ("a[data-cell]"))];
    return links[links.indexOf(/** @type {HTMLAnchorElement} */ (link)) + right] ?? null;
  }
  const sibling = (/** @type {Element} */ from) => (down > 0 ? from.nextElementSibling : from.previousElementSibling);
  for (let other = sibling(row); other; other = sibling(other)) {
    const found = other.children[cell.cellIndex]?.querySelector("a[data-cell]") ?? other.querySelector("a[data-cell]");
    if (found instanceof HTMLElement) return found;
  }
  return null;
}

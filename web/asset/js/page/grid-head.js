// The header of a grid: for each column its name, which sorts, and what is in it, which
// opens the column's values.
import { count } from "./format.js";
import { picture } from "./grid-profile.js";
import { layOut } from "./kept-layout.js";

/** @typedef {import("./window-grid.js").WindowGrid} WindowGrid */
/** @typedef {import("./grid-columns.js").GridColumn} GridColumn */
/** @typedef {import("./grid-profile.js").ColumnProfile} ColumnProfile */

export class GridHead {
  /** @param {WindowGrid} grid */
  constructor(grid) {
    this.grid = grid;
    this.element = document.createElement("div");
    this.element.className = "window-head";
    this.element.setAttribute("role", "row");
    this.element.setAttribute("aria-rowindex", "1");
    this.corner = part("row-number", "columnheader");
    this.corner.setAttribute("aria-colindex", "1");
    this.corner.append(unseen("Row"));
    this.element.append(this.corner);
    /** @type {Map<number, HTMLElement>} by place */
    this.shown = new Map();
    /** What is in the columns, by name. @type {Map<string, ColumnProfile>} */
    this.profiles = new Map();
    /** The name of the column that the keys would go to. */
    this.stop = "";
    this.element.addEventListener("click", (event) => this.click(event));
    this.element.addEventListener("pointerdown", (event) => this.grip(event));
    this.element.addEventListener("keydown", (event) => this.press(event));
    this.element.addEventListener("focusin", ({ target }) => target instanceof HTMLElement && this.stopAt(target));
  }

  clear() {
    for (const cell of this.shown.values()) cell.remove();
    this.shown.clear();
  }

  /** @param {Map<string, ColumnProfile>} profiles */
  learn(profiles) {
    this.profiles = profiles;
    for (const [place, cell] of this.shown) this.describe(cell, this.grid.columns.list[place]);
  }

  /** Draws the columns that are in sight. @param {number} left @param {number} right */
  draw(left, right) {
    for (const [place, cell] of this.shown) {
      if (place < this.grid.columns.pinned || (place >= left && place < right) || cell.contains(document.activeElement)) continue;
      cell.remove();
      this.shown.delete(place);
    }
    for (let place = 0; place < right; place++) {
      if (place === this.grid.columns.pinned) place = Math.max(place, left);
      if (place < right && !this.shown.has(place)) this.add(place);
    }
    if (!this.stop || !this.element.querySelector('button[tabindex="0"]')) this.stopAt(this.element.querySelector("button"));
  }

  /** @param {number} place */
  add(place) {
    const { columns, numberWidth } = this.grid;
    const column = columns.list[place];
    const pinned = place < columns.pinned;
    const cell = part(pinned ? "column pinned" : "column", "columnheader");
    cell.dataset.column = column.name;
    cell.setAttribute("aria-colindex", String(place + 2));
    cell.style.left = `${numberWidth + (pinned ? 0 : columns.pinnedWidth) + columns.lefts[place]}px`;
    cell.style.width = `${column.width}px`;
    const sorts = new URLSearchParams(this.grid.data.page).getAll("sort");
    const at = sorts.findIndex((sort) => sort.replace(/^-/, "") === column.name && (sort === column.name || sort === `-${column.name}`));
    cell.setAttribute("aria-sort", at < 0 ? "none" : sorts[at] === column.name ? "ascending" : "descending");
    const sort = button("column-sort");
    const name = document.createElement("span");
    name.className = "column-name";
    name.dir = "auto";
    name.textContent = column.name;
    sort.append(name);
    sort.title = column.name;
    if (sorts.length > 1 && at >= 0) sort.append(small(String(at + 1)));
    if (column.kind) sort.append(small(column.kind));
    const values = button("column-values");
    values.setAttribute("aria-haspopup", "dialog");
    const grip = document.createElement("span");
    grip.className = "column-grip";
    cell.append(sort, values, grip);
    this.describe(cell, column);
    this.shown.set(place, cell);
    this.element.append(cell);
  }

  /** Says in the header what is in the column. @param {HTMLElement} cell @param {GridColumn} column */
  describe(cell, column) {
    const values = cell.querySelector(".column-values");
    if (!(values instanceof HTMLElement)) return;
    const profile = this.profiles.get(column.name);
    values.replaceChildren(...(profile ? picture(profile, this.grid.profiled) : []));
    const words = profile ? `, ${profile.exact ? "" : "about "}${count(profile.distinct)} different, ${count(profile.absent)} absent` : "";
    const figures = values.querySelector(".column-figures")?.textContent; // who speaks to the page says what they see
    values.setAttribute("aria-label", `Values of ${column.name}${words}${figures ? `: ${figures}` : ""}`);
    values.title = `Values of ${column.name}${words}`;
  }

  /** @param {MouseEvent} event */
  click({ target, shiftKey }) {
    const button = target instanceof Element ? target.closest("button") : null;
    const cell = button?.closest("[data-column]");
    const column = this.grid.columns.list.find(({ name }) => name === cell?.getAttribute("data-column"));
    if (!button || !(cell instanceof HTMLElement) || !column) return;
    if (button.matches(".column-values")) this.grid.ways.values(cell, column);
    else this.grid.ways.sort(column, shiftKey);
  }

  /** Makes a column as wide as its edge is drawn. @param {PointerEvent} event */
  grip(event) {
    const cell = event.target instanceof Element && event.target.matches(".column-grip") ? event.target.closest("[data-column]") : null;
    const column = this.grid.columns.list.find(({ name }) => name === cell?.getAttribute("data-column"));
    if (!column || event.button !== 0) return;
    event.preventDefault();
    const begun = column.width - event.clientX;
    const ended = new AbortController();
    const { signal } = ended;
    addEventListener("pointermove", ({ clientX }) => {
      layOut(this.grid.data.table, (layout) => layout.widen(column, begun + clientX));
      this.grid.columns.measure();
      this.grid.rearrange();
    }, { signal });
    for (const end of ["pointerup", "pointercancel"]) addEventListener(end, () => ended.abort(), { signal });
  }

  /** All buttons of the header are one stop; arrows lead to the others. @param {HTMLElement | null} target */
  stopAt(target) {
    if (!(target instanceof HTMLButtonElement)) return;
    for (const other of this.element.querySelectorAll('button[tabindex="0"]')) other.setAttribute("tabindex", "-1");
    target.tabIndex = 0;
    this.stop = target.closest("[data-column]")?.getAttribute("data-column") ?? "";
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    const cell = target instanceof Element ? target.closest("[data-column]") : null;
    const place = [...this.shown].find(([, shown]) => shown === cell)?.[0];
    if (place === undefined || !(target instanceof HTMLElement)) return;
    if (event.key === "ArrowDown") {
      event.preventDefault();
      const values = cell?.querySelector(".column-values");
      if (target !== values && values instanceof HTMLElement) return values.focus();
      return this.grid.root.focus({ preventScroll: true });
    }
    if (event.key === "ArrowUp") {
      event.preventDefault();
      const sort = cell?.querySelector(".column-sort");
      if (sort instanceof HTMLElement) sort.focus();
    }
    const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    const next = place + by;
    if (!by || next < 0 || next >= this.grid.columns.list.length) return;
    event.preventDefault();
    this.grid.reveal(this.grid.inSight()[0], next);
    const part = this.shown.get(next)?.querySelector(target.matches(".column-values") ? ".column-values" : ".column-sort");
    if (part instanceof HTMLElement) part.focus({ preventScroll: true });
  }

  /** Goes to a column: its name, or its values. @param {string} name @param {string} [part] */
  focus(name, part = ".column-sort") {
    const place = this.grid.columns.list.findIndex((column) => column.name === name);
    if (place < 0) return;
    this.grid.reveal(this.grid.inSight()[0], place);
    const button = this.shown.get(place)?.querySelector(part);
    if (button instanceof HTMLElement) button.focus({ preventScroll: true });
  }
}

/** @param {string} className @param {string} role */
function part(className, role) {
  const element = document.createElement("div");
  element.className = className;
  element.setAttribute("role", role);
  return element;
}

/** @param {string} className */
function button(className) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = className;
  element.tabIndex = -1;
  return element;
}

/** @param {string} text */
function small(text) {
  const element = document.createElement("span");
  element.className = "kind";
  element.textContent = text;
  return element;
}

/** @param {string} text */
function unseen(text) {
  const element = document.createElement("span");
  element.className = "unseen";
  element.textContent = text;
  return element;
}

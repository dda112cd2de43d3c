// A grid of any number of rows and columns, of which only those in sight are drawn. It
// knows where things stand; what they are comes from its tiles, what is chosen from its
// selection.
import { count } from "./format.js";
import { GridHead } from "./grid-head.js";
import { Scale } from "./grid-scale.js";
import { Selection } from "./grid-selection.js";
import { TILE_COLUMNS, TILE_ROWS, Tiles } from "./grid-tiles.js";
import { layoutOf } from "./kept-layout.js";

/** @typedef {import("./grid-columns.js").Columns} Columns */
/** @typedef {import("./grid-columns.js").GridColumn} GridColumn */

/** How many rows are drawn above and below what is in sight. */
const SPARE_ROWS = 6;

/** How much of a value is drawn: a column is at most 480 pixels wide. */
const MOST_DRAWN = 200;

/** @typedef {{ element: HTMLElement, place: number, text: string, look: string }} Cell */
/** @typedef {{ element: HTMLElement, number: Text, shown: string, index: number, top: number, look: string, cells: Cell[], pinned: Cell[] }} Row */

export class WindowGrid {
  /**
   * @param {HTMLElement} scroller what scrolls; its content is replaced
   * @param {import("./grid.js").GridData} data @param {Columns} columns
   * @param {object} ways
   * @param {(row: number, column: string) => void} ways.open someone wants to see a cell: row of the table from 1
   * @param {(problem: import("./table-read.js").ReadProblem | null) => void} ways.problem hears what cannot be shown
   * @param {() => void} ways.moved hears that other rows are in sight, or chosen
   * @param {() => void} ways.walked hears that the keys have led to another cell
   * @param {(cell: HTMLElement, column: GridColumn) => void} ways.values someone wants to see a column's values
   * @param {(column: GridColumn, further: boolean) => void} ways.sort by it, or by it too
   */
  constructor(scroller, data, columns, ways) {
    this.scroller = scroller;
    this.data = data;
    this.columns = columns;
    this.ways = ways;
    this.rowHeight = rowHeight();
    this.scale = new Scale(data.rows, this.rowHeight);
    this.tiles = new Tiles({ table: data.table, view: new URLSearchParams(data.view), rows: data.rows, columns: data.count }, (problem) => {
      this.draw();
      ways.problem(problem);
    });
    /** How many rows the profiles speak of. */
    this.profiled = data.rows;
    this.numberWidth = 0;
    /** Where the first row in sight stands among all, in pixels, and how far it is scrolled aside. */
    this.top = 0;
    this.left = 0;
    this.scrolled = 0;
    /** The rows in sight when that was last told. */
    this.told = [-1, -1];
    this.width = 0;
    this.height = 0;
    /** @type {Row[]} a row's is that of its place, over and over */
    this.rows = [];
    this.across = 0;
    this.root = document.createElement("div");
    this.body = document.createElement("div");
    this.head = new GridHead(this);
    this.selection = new Selection(this);
    this.ended = new AbortController();
    this.frame();
  }

  /** Puts the elements together, out of the page. */
  frame() {
    const { root, body, data } = this;
    root.className = "window";
    root.setAttribute("role", "grid");
    root.setAttribute("aria-label", `Rows of ${data.name}`);
    root.setAttribute("aria-multiselectable", "true");
    root.setAttribute("aria-rowcount", String(data.rows + 1));
    root.tabIndex = 0;
    body.className = "window-rows";
    body.setAttribute("role", "rowgroup");
    root.append(this.head.element, body);
  }

  /**
   * Takes the place of what stands there, at a row.
   * @param {number} row @param {number} left pixels
   */
  mount(row, left) {
    this.scroller.replaceChildren(this.root);
    this.scroller.setAttribute("data-client", "");
    this.scroller.removeAttribute("role");
    this.scroller.removeAttribute("aria-label");
    this.scroller.removeAttribute("tabindex");
    this.layOut();
    this.look();
    const { signal } = this.ended;
    this.scroller.addEventListener("scroll", () => this.follow(), { signal, passive: true });
    this.scroller.addEventListener("scrollend", () => this.anchor(), { signal });
    this.observer = new ResizeObserver(() => {
      this.look();
      this.draw();
    });
    this.observer.observe(this.scroller);
    this.scroller.scrollLeft = left;
    this.left = this.scroller.scrollLeft;
    this.goTo(row * this.rowHeight);
  }

  /** Nobody sees it any more. */
  end() {
    this.ended.abort();
    this.observer?.disconnect();
    this.tiles.end();
  }

  /** How much is in sight. */
  look() {
    this.width = this.scroller.clientWidth;
    this.height = Math.max(this.rowHeight, this.scroller.clientHeight - this.head.element.offsetHeight);
  }

  /** Gives everything its size: columns have other widths or places. */
  layOut() {
    this.numberWidth = 20 + 8 * Math.max(3, count(this.data.stored).length);
    this.root.style.setProperty("--number", `${this.numberWidth}px`);
    this.root.style.width = `${this.numberWidth + this.columns.pinnedWidth + this.columns.width}px`;
    this.root.setAttribute("aria-colcount", String(this.columns.list.length + 1));
    this.body.style.height = `${this.scale.canvas}px`;
    this.body.replaceChildren();
    this.rows = [];
    this.across = 0;
    this.head.clear();
  }

  /** Lays the columns out as their table's layout has it now. */
  arrange() {
    this.columns.set(layoutOf(this.data.table).arrange(this.columns.list));
    this.rearrange();
  }

  /** The columns' order, widths or number are others now. */
  rearrange() {
    this.layOut();
    this.selection.within();
    this.draw();
  }

  /** The scroll bar has moved: by a little, or to another place. */
  follow() {
    const scrolled = this.scroller.scrollTop;
    const by = scrolled - this.scrolled;
    if (this.scale.whole) this.top = scrolled;
    else if (by !== 0) {
      const near = Math.abs(by) <= 2 * this.height && scrolled > 0 && scrolled < this.scale.canvas - this.height;
      this.top = near ? this.bounded(this.top + by) : this.scale.toPlace(scrolled, this.height);
    }
    this.scrolled = scrolled;
    this.left = this.scroller.scrollLeft;
    this.draw();
  }

  /** Puts the scroll bar where it stands for what is in sight, once it rests. */
  anchor() {
    this.scrollTo(this.top);
    this.ways.moved();
  }

  /** @param {number} top pixels among all rows */
  goTo(top) {
    this.scrollTo(this.bounded(top));
    this.draw();
  }

  /** @param {number} top */
  scrollTo(top) {
    this.top = top;
    const scroll = this.scale.toScroll(top, this.height);
    if (Math.abs(this.scroller.scrollTop - scroll) >= 1) this.scroller.scrollTop = scroll;
    this.scrolled = this.scroller.scrollTop;
    if (this.scale.whole) this.top = this.scrolled;
  }

  /** @param {number} top */
  bounded(top) {
    return Math.max(0, Math.min(top, this.scale.height - this.height));
  }

  /** The rows that are in sight, the last one without. @returns {[first: number, end: number]} */
  inSight() {
    const first = Math.floor(this.top / this.rowHeight);
    const end = Math.ceil((this.top + this.height) / this.rowHeight);
    return [first, Math.min(end, this.data.rows)];
  }

  /** Brings a cell into sight. @param {number} row @param {number} column its place */
  reveal(row, column) {
    const top = row * this.rowHeight;
    if (top < this.top) this.goTo(top);
    else if (top + this.rowHeight > this.top + this.height) this.goTo(top + this.rowHeight - this.height);
    if (column < this.columns.pinned || column >= this.columns.list.length) return;
    const fixed = this.numberWidth + this.columns.pinnedWidth;
    const [left, right] = [this.columns.lefts[column], this.columns.lefts[column] + this.columns.list[column].width];
    const room = this.width - fixed;
    if (left < this.left || right - left > room) this.scroller.scrollLeft = left;
    else if (right > this.left + room) this.scroller.scrollLeft = right - room;
    this.left = this.scroller.scrollLeft;
    this.draw();
  }

  /** Draws what is in sight. */
  draw() {
    if (!this.root.isConnected) return;
    const [first, end] = this.inSight();
    const [near, far] = this.columnsInSight();
    this.makeRoom(Math.min(this.data.rows, end - first + 2 * SPARE_ROWS), far - near);
    // All that have elements, so that none still shows what was in sight before.
    const to = Math.min(this.data.rows, Math.max(0, first - SPARE_ROWS) + this.rows.length);
    const from = Math.max(0, to - this.rows.length);
    const right = Math.min(this.columns.list.length, near + this.across);
    const left = Math.max(this.columns.pinned, right - this.across);
    this.head.draw(left, right);
    const offset = this.top - this.scrolled;
    for (let index = from; index < to; index++) this.drawRow(index, Math.round(index * this.rowHeight - offset), left, right);
    this.selection.mark();
    this.tiles.want(this.inTiles(first, end, left, right));
    if (first === this.told[0] && end === this.told[1]) return;
    this.told = [first, end];
    this.ways.moved();
  }

  /** @returns {[first: number, end: number]} */
  columnsInSight() {
    return this.columns.between(this.left, this.left + this.width - this.numberWidth - this.columns.pinnedWidth);
  }

  /**
   * A place of each tile that is in sight or will be soon.
   * @param {number} first @param {number} end of the rows @param {number} left @param {number} right of the columns
   * @returns {Generator<[row: number, column: number]>}
   */
  *inTiles(first, end, left, right) {
    const stored = new Set();
    const list = this.columns.list;
    for (let i = 0; i < right; i++) {
      if (i === this.columns.pinned) i = Math.max(i, left);
      if (i < right) stored.add(Math.floor(list[i].stored / TILE_COLUMNS) * TILE_COLUMNS);
    }
    const sight = Math.max(end - first, this.rows.length);
    for (const [from, to] of [[first, end], [end, Math.min(this.data.rows, end + sight)], [Math.max(0, first - sight), first]]) {
      for (let row = from - (from % TILE_ROWS); row < to; row += TILE_ROWS) for (const column of stored) yield [row, column];
    }
  }

  /** Has elements enough for so many rows and columns. @param {number} rows @param {number} across */
  makeRoom(rows, across) {
    if (across > this.across) {
      this.across = Math.min(across + 2, this.columns.list.length - this.columns.pinned);
      this.rows.forEach((row) => row.element.remove());
      this.rows = [];
    }
    if (rows <= this.rows.length) return;
    const more = document.createDocumentFragment();
    for (const row of this.rows) row.index = -1; // each has another place now
    while (this.rows.length < rows) {
      const row = this.newRow(this.rows.length);
      this.rows.push(row);
      more.append(row.element);
    }
    this.body.append(more);
  }

  /** @param {number} slot @returns {Row} */
  newRow(slot) {
    const element = cellOf("row", "window-row");
    const number = document.createTextNode("");
    const header = cellOf("rowheader", "row-number");
    header.setAttribute("aria-colindex", "1");
    header.append(number);
    element.append(header);
    const cells = (/** @type {number} */ n, /** @type {string} */ name, /** @type {string} */ className) =>
      Array.from({ length: n }, (_, i) => {
        const cell = cellOf("gridcell", className);
        cell.id = `${name}-${slot}-${i}`;
        cell.append(document.createTextNode(""));
        element.append(cell);
        return { element: cell, place: -1, text: "", look: "" };
      });
    const pinned = cells(this.columns.pinned, "pinned", "cell pinned");
    return { element, number, shown: "", index: -1, top: -1, look: "", pinned, cells: cells(this.across, "cell", "cell") };
  }

  /**
   * @param {number} index the row's place @param {number} top pixels of the canvas
   * @param {number} left @param {number} right of its columns
   */
  drawRow(index, top, left, right) {
    const row = this.rows[index % this.rows.length];
    if (row.top !== top) {
      row.top = top;
      row.element.style.top = `${top}px`;
    }
    if (row.index !== index) {
      row.index = index;
      row.element.setAttribute("aria-rowindex", String(index + 2));
    }
    const { list } = this.columns;
    const number = this.data.view === "" ? index + 1 : this.tiles.number(index, list[Math.min(left, list.length - 1)].stored);
    const shown = number ? count(number) : "…";
    if (row.shown !== shown) row.shown = row.number.data = shown;
    row.pinned.forEach((cell, place) => this.drawCell(cell, index, place));
    for (let place = left; place < right; place++) this.drawCell(row.cells[place % this.across], index, place);
  }

  /** @param {Cell} cell @param {number} index @param {number} place of the column */
  drawCell(cell, index, place) {
    const column = this.columns.list[place];
    if (cell.place !== place) this.placeCell(cell, place);
    const value = this.tiles.value(index, column.stored);
    const text = value === undefined || value === null ? "" : value === "" ? '""' : drawn(value);
    if (cell.text !== text) {
      cell.text = text;
      /** @type {Text} */ (cell.element.firstChild).data = text;
    }
    const look = (value === undefined ? " waiting" : value === null ? " absent" : value === "" ? " blank" : column.numeric ? " number" : "") + this.selection.look(index, place);
    if (cell.look !== look) this.dress(cell, look);
  }

  /** @param {Cell} cell @param {string} look */
  dress(cell, look) {
    const { element } = cell;
    const before = cell.look;
    cell.look = look;
    element.className = (cell.element.id.startsWith("pinned") ? "cell pinned" : "cell") + look;
    for (const [part, word] of /** @type {const} */ ([["absent", "absent"], ["blank", "empty"]])) {
      if (look.includes(part) === before.includes(part)) continue;
      if (look.includes(part)) element.setAttribute("aria-label", word);
      else element.removeAttribute("aria-label");
    }
    if (look.includes("chosen")) element.setAttribute("aria-selected", "true");
    else if (before.includes("chosen")) element.removeAttribute("aria-selected");
  }

  /** @param {Cell} cell @param {number} place of the column */
  placeCell(cell, place) {
    cell.place = place;
    const { style } = cell.element;
    const pinned = place < this.columns.pinned;
    style.left = pinned ? `${this.numberWidth + this.columns.lefts[place]}px` : `${this.numberWidth + this.columns.pinnedWidth + this.columns.lefts[place]}px`;
    style.width = `${this.columns.list[place].width}px`;
    cell.element.setAttribute("aria-colindex", String(place + 2));
  }

  /** The element of a cell, if it is drawn. @param {number} row @param {number} column its place */
  element(row, column) {
    const drawn = this.rows[row % (this.rows.length || 1)];
    if (!drawn || drawn.index !== row) return null;
    const cell = column < this.columns.pinned ? drawn.pinned[column] : drawn.cells[column % this.across];
    return cell?.place === column ? cell.element : null;
  }

  /** The cell under a point of the window; the nearest one where there is none. @param {number} x @param {number} y */
  under(x, y) {
    const box = this.scroller.getBoundingClientRect();
    const down = y - box.top - this.scroller.clientTop - this.head.element.offsetHeight;
    const row = Math.floor((this.top + down) / this.rowHeight);
    const right = x - box.left - this.scroller.clientLeft - this.numberWidth;
    return { row: Math.max(0, Math.min(row, this.data.rows - 1)), column: this.columns.under(Math.max(0, right), this.left), aside: right < 0 };
  }
}

/** @param {string} role @param {string} className */
function cellOf(role, className) {
  const element = document.createElement("div");
  element.setAttribute("role", role);
  element.className = className;
  return element;
}

/** A value as one line. @param {string} value */
function drawn(value) {
  return value.length > MOST_DRAWN ? value.slice(0, MOST_DRAWN) : value;
}

/** In pixels; see --row in grid.css. */
function rowHeight() {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.round(1.75 * rem);
}

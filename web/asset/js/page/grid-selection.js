// Which cells of a grid are chosen, by keyboard and mouse: a rectangle, one of whose
// corners is the cell that the keys move.

/** @typedef {import("./window-grid.js").WindowGrid} WindowGrid */
/** @typedef {{ row: number, column: number }} At places in the view */

export class Selection {
  /** @param {WindowGrid} grid */
  constructor(grid) {
    this.grid = grid;
    /** The cell that the keys move. @type {At | null} */
    this.at = null;
    /** The corner across from it. @type {At | null} */
    this.from = null;
    /** The row that was gone to. */
    this.gone = -1;
    /** @type {Element | null} */
    this.named = null;
    grid.root.addEventListener("keydown", (event) => this.press(event));
    grid.body.addEventListener("pointerdown", (event) => this.begin(event));
    grid.root.addEventListener("focus", () => this.at ?? this.set({ row: grid.inSight()[0], column: 0 }));
  }

  /** Columns are fewer now. */
  within() {
    const last = this.grid.columns.list.length - 1;
    for (const corner of [this.at, this.from]) if (corner) corner.column = Math.max(0, Math.min(corner.column, last));
  }

  /** The rectangle's corners. @returns {{ top: number, bottom: number, left: number, right: number } | null} */
  box() {
    if (!this.at || !this.from) return null;
    return {
      top: Math.min(this.at.row, this.from.row),
      bottom: Math.max(this.at.row, this.from.row),
      left: Math.min(this.at.column, this.from.column),
      right: Math.max(this.at.column, this.from.column),
    };
  }

  /** How many cells are chosen. */
  size() {
    const box = this.box();
    return box ? (box.bottom - box.top + 1) * (box.right - box.left + 1) : 0;
  }

  /** How a cell looks. @param {number} row @param {number} column */
  look(row, column) {
    let look = row === this.gone ? " gone-to" : "";
    const { at, from } = this;
    if (!at || !from) return look;
    if (row === at.row && column === at.column) look += " at";
    const inside = (row - at.row) * (row - from.row) <= 0 && (column - at.column) * (column - from.column) <= 0;
    return inside ? look + " chosen" : look;
  }

  /** Says which cell the keys move, while it is drawn. */
  mark() {
    const element = this.at ? this.grid.element(this.at.row, this.at.column) : null;
    if (element === this.named && (!element || this.grid.root.getAttribute("aria-activedescendant") === element.id)) return;
    this.named = element;
    if (element) this.grid.root.setAttribute("aria-activedescendant", element.id);
    else this.grid.root.removeAttribute("aria-activedescendant");
  }

  /** @param {At} at @param {boolean} [further] the other corner stays */
  set(at, further = false) {
    this.at = at;
    if (!further || !this.from) this.from = { ...at };
    this.grid.draw();
    this.grid.ways.moved();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    if (event.target !== this.grid.root || event.altKey) return;
    const { grid } = this;
    const at = this.at ?? { row: grid.inSight()[0], column: 0 };
    const next = this.step(event, at);
    if (next) {
      event.preventDefault();
      this.set(next, event.shiftKey);
      grid.reveal(next.row, next.column);
      return grid.ways.walked();
    }
    if (event.key === "Enter") {
      event.preventDefault();
      this.open();
    }
    if (event.key === "a" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.from = { row: 0, column: 0 };
      this.set({ row: grid.data.rows - 1, column: grid.columns.list.length - 1 }, true);
    }
  }

  /** @param {KeyboardEvent} event @param {At} at @returns {At | null} */
  step(event, { row, column }) {
    const { grid } = this;
    const [lastRow, lastColumn] = [grid.data.rows - 1, grid.columns.list.length - 1];
    const far = event.ctrlKey || event.metaKey;
    const page = Math.max(1, Math.floor(grid.height / grid.rowHeight) - 1);
    /** @type {Record<string, () => At>} */
    const steps = {
      ArrowUp: () => ({ row: far ? 0 : row - 1, column }),
      ArrowDown: () => ({ row: far ? lastRow : row + 1, column }),
      ArrowLeft: () => ({ row, column: far ? 0 : column - 1 }),
      ArrowRight: () => ({ row, column: far ? lastColumn : column + 1 }),
      PageUp: () => ({ row: row - page, column }),
      PageDown: () => ({ row: row + page, column }),
      Home: () => ({ row: far ? 0 : row, column: 0 }),
      End: () => ({ row: far ? lastRow : row, column: lastColumn }),
    };
    const next = steps[event.key]?.();
    if (!next) return null;
    return { row: Math.max(0, Math.min(next.row, lastRow)), column: Math.max(0, Math.min(next.column, lastColumn)) };
  }

  /** Shows the whole value of the cell that the keys move. */
  open() {
    const { at, grid } = this;
    const column = at && grid.columns.list[at.column];
    const number = column ? grid.tiles.number(at.row, column.stored) : 0;
    if (column && number) grid.ways.open(number, column.name);
  }

  /** @param {PointerEvent} event */
  begin(event) {
    if (event.button !== 0) return;
    const { grid } = this;
    const { row, column, aside } = grid.under(event.clientX, event.clientY);
    event.preventDefault();
    grid.root.focus({ preventScroll: true });
    if (aside) {
      if (!event.shiftKey) this.from = { row, column: 0 };
      return this.set({ row, column: grid.columns.list.length - 1 }, true);
    }
    this.set({ row, column }, event.shiftKey);
    if (event.shiftKey || event.pointerType === "touch") return event.pointerType === "touch" ? this.tap(event) : undefined;
    this.drag();
  }

  /** A finger that does not scroll opens what it touches. @param {PointerEvent} event */
  tap(event) {
    const ended = new AbortController();
    const { signal } = ended;
    addEventListener("pointercancel", () => ended.abort(), { signal });
    addEventListener("pointerup", ({ clientX, clientY }) => {
      ended.abort();
      if (Math.hypot(clientX - event.clientX, clientY - event.clientY) < 8) this.open();
    }, { signal });
  }

  /** Follows the mouse until it is let go; one that did not move opens the cell. */
  drag() {
    const { grid } = this;
    const ended = new AbortController();
    const { signal } = ended;
    let moved = false;
    /** @type {PointerEvent | null} */
    let last = null;
    const pull = () => {
      if (signal.aborted || !last) return;
      const box = grid.scroller.getBoundingClientRect();
      const down = last.clientY > box.bottom ? 1 : last.clientY < box.top ? -1 : 0;
      const right = last.clientX > box.right ? 1 : last.clientX < box.left ? -1 : 0;
      if (!down && !right) return;
      grid.goTo(grid.top + down * grid.rowHeight);
      grid.scroller.scrollLeft += right * 24;
      this.set(grid.under(last.clientX, last.clientY), true);
      requestAnimationFrame(pull);
    };
    addEventListener("pointermove", (event) => {
      const { row, column } = grid.under(event.clientX, event.clientY);
      const outside = last === null;
      last = event;
      if (outside || moved) requestAnimationFrame(pull);
      if (row === this.at?.row && column === this.at.column) return;
      moved = true;
      this.set({ row, column }, true);
    }, { signal });
    addEventListener("pointercancel", () => ended.abort(), { signal });
    addEventListener("pointerup", () => {
      ended.abort();
      if (!moved) this.open();
    }, { signal });
  }
}

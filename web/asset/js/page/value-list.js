// A list of any number of values to tick, of which only those in sight are drawn. They
// come in portions as they are looked at.
import { count } from "./format.js";

/** @typedef {{ value: string | null, count: number }} ColumnValue null is absent */

const ROW_HEIGHT = 28;
const PORTION = 1000;

/** How much of a value is drawn. */
const MOST_DRAWN = 200;

export class ValueList {
  /**
   * @param {(offset: number, signal: AbortSignal) => Promise<{ items: ColumnValue[], distinct: number, next: string | null }>} read
   * @param {Set<string | null>} chosen those that are ticked
   * @param {() => void} changed hears that another one is, or how many there are
   */
  constructor(read, chosen, changed) {
    this.read = read;
    this.chosen = chosen;
    this.changed = changed;
    this.turn = new AbortController();
    /** @type {Map<number, ColumnValue[]>} by portion */
    this.portions = new Map();
    /** @type {Set<number>} */
    this.asked = new Set();
    /** How many different values there are; -1 until that is known. */
    this.distinct = -1;
    this.length = 0;
    this.at = 0;
    this.element = document.createElement("div");
    this.element.className = "value-list";
    this.element.tabIndex = 0;
    this.element.setAttribute("role", "listbox");
    this.element.setAttribute("aria-label", "Values");
    this.element.setAttribute("aria-multiselectable", "true");
    this.canvas = document.createElement("div");
    this.canvas.setAttribute("role", "presentation");
    this.canvas.className = "value-canvas";
    this.element.append(this.canvas);
    /** @type {HTMLElement[]} */
    this.rows = [];
    this.element.addEventListener("scroll", () => this.draw(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.press(event));
    this.element.addEventListener("click", ({ target }) => {
      const row = target instanceof Element ? target.closest("[role=option]") : null;
      if (row) this.toggle(Number(row.getAttribute("aria-posinset")) - 1);
    });
  }

  /** Asks anew, from the first value on. */
  begin() {
    this.end();
    this.turn = new AbortController();
    this.asked.clear();
    this.fresh = true;
    this.ask(0);
  }

  end() {
    this.turn.abort();
  }

  /** @param {number} portion */
  async ask(portion) {
    if (this.asked.has(portion)) return;
    this.asked.add(portion);
    const { signal } = this.turn;
    try {
      const answer = await this.read(portion * PORTION, signal);
      if (signal.aborted) return;
      this.take(portion, answer);
    } catch (problem) {
      if (!signal.aborted) this.say(problem instanceof Error ? problem.message : "");
    }
  }

  /** @param {number} portion @param {{ items: ColumnValue[], distinct: number, next: string | null }} answer */
  take(portion, { items, distinct, next }) {
    if (this.fresh) {
      this.portions.clear();
      this.at = 0;
      this.element.scrollTop = 0;
      this.fresh = false;
    }
    this.portions.set(portion, items);
    this.distinct = distinct;
    // Absent cells come last and are no different value.
    this.length = next === null ? portion * PORTION + items.length : Math.max(distinct, portion * PORTION + items.length);
    this.canvas.style.height = `${this.length * ROW_HEIGHT}px`;
    this.changed();
    if (this.length === 0) this.say("No value fits.");
    else this.draw();
  }

  /** @param {string} sentence */
  say(sentence) {
    this.length = 0;
    this.rows = [];
    this.canvas.style.height = "auto";
    this.canvas.replaceChildren(sentence);
    this.canvas.setAttribute("role", "status");
  }

  /** @param {number} i @returns {ColumnValue | undefined} */
  item(i) {
    return this.portions.get(Math.floor(i / PORTION))?.[i % PORTION];
  }

  draw() {
    if (this.length === 0) return;
    const first = Math.max(0, Math.floor(this.element.scrollTop / ROW_HEIGHT) - 4);
    const end = Math.min(this.length, Math.ceil((this.element.scrollTop + this.element.clientHeight) / ROW_HEIGHT) + 4);
    this.canvas.setAttribute("role", "presentation");
    while (this.rows.length < end - first) this.rows.push(newRow(this.rows.length));
    if (this.canvas.childElementCount !== this.rows.length) this.canvas.replaceChildren(...this.rows);
    const used = new Set();
    for (let i = first; i < end; i++) {
      const row = this.rows[i % this.rows.length];
      used.add(row);
      this.drawRow(row, i);
    }
    for (const row of this.rows) row.hidden = !used.has(row);
    for (const portion of [Math.floor(first / PORTION), Math.floor(Math.max(first, end - 1) / PORTION)]) if (!this.portions.has(portion)) this.ask(portion);
    const at = this.rows[this.at % this.rows.length];
    if (used.has(at) && at.getAttribute("aria-posinset") === String(this.at + 1)) this.element.setAttribute("aria-activedescendant", at.id);
    else this.element.removeAttribute("aria-activedescendant");
  }

  /** @param {HTMLElement} row @param {number} i */
  drawRow(row, i) {
    const item = this.item(i);
    const [tick, value, number] = row.children;
    row.style.top = `${i * ROW_HEIGHT}px`;
    row.setAttribute("aria-posinset", String(i + 1));
    row.setAttribute("aria-setsize", String(this.length));
    const chosen = item !== undefined && this.chosen.has(item.value);
    row.setAttribute("aria-selected", String(chosen));
    row.classList.toggle("at", i === this.at);
    tick.textContent = chosen ? "☑" : "☐";
    value.textContent = item === undefined ? "…" : item.value === null ? "absent" : item.value === "" ? '"" empty' : item.value.slice(0, MOST_DRAWN);
    value.classList.toggle("quiet", !item?.value);
    number.textContent = item ? count(item.count) : "";
  }

  /** @param {number} i */
  toggle(i) {
    const item = this.item(i);
    if (!item) return;
    if (!this.chosen.delete(item.value)) this.chosen.add(item.value);
    this.at = i;
    this.draw();
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const page = Math.max(1, Math.floor(this.element.clientHeight / ROW_HEIGHT) - 1);
    /** @type {Record<string, number>} */
    const steps = { ArrowUp: this.at - 1, ArrowDown: this.at + 1, PageUp: this.at - page, PageDown: this.at + page, Home: 0, End: this.length - 1 };
    if (event.key === " " || event.key === "Enter") {
      event.preventDefault();
      return this.toggle(this.at);
    }
    if (!(event.key in steps) || this.length === 0) return;
    event.preventDefault();
    this.at = Math.max(0, Math.min(steps[event.key], this.length - 1));
    const top = this.at * ROW_HEIGHT;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = top;
    else if (top + ROW_HEIGHT > scrollTop + clientHeight) this.element.scrollTop = top + ROW_HEIGHT - clientHeight;
    this.draw();
  }
}

/** @param {number} slot */
function newRow(slot) {
  const row = document.createElement("div");
  row.id = `value-${slot}`;
  row.className = "value-row";
  row.setAttribute("role", "option");
  for (const name of ["tick", "value-text", "value-count"]) {
    const part = document.createElement("span");
    part.className = name;
    row.append(part);
  }
  /** @type {HTMLElement} */ (row.children[0]).setAttribute("aria-hidden", "true");
  return row;
}

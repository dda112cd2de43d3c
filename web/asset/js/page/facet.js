// The values of a column, with how often each is there: to look for one, and to choose
// which rows are shown.
import { count } from "./format.js";
import { spread } from "./grid-profile.js";
import { layOut } from "./kept-layout.js";
import { showView } from "./navigate.js";
import { readTable, tablePath } from "./table-read.js";
import { ValueList } from "./value-list.js";

/** @typedef {import("./window-grid.js").WindowGrid} WindowGrid */
/** @typedef {import("./grid-columns.js").GridColumn} GridColumn */

/** What people call the kinds. @type {Record<string, string>} */
const kinds = { integer: "whole numbers", decimal: "numbers", date: "dates", time: "times", datetime: "dates and times", boolean: "yes or no", text: "text" };

/** What signs on buttons mean. @type {Record<string, string>} */
const signs = { "◀": "Move left", "▶": "Move right", "−": "Narrower", "+": "Wider" };

/** The panel that is open. @type {Facet | null} */
let open = null;

/** @param {WindowGrid} grid @param {HTMLElement} cell of the header @param {GridColumn} column */
export function openFacet(grid, cell, column) {
  open?.close();
  open = new Facet(grid, cell, column);
}

class Facet {
  /** @param {WindowGrid} grid @param {HTMLElement} cell @param {GridColumn} column */
  constructor(grid, cell, column) {
    this.grid = grid;
    this.cell = cell;
    this.column = column;
    this.query = new URLSearchParams(grid.data.page);
    this.profile = grid.head.profiles.get(column.name);
    this.ended = new AbortController();
    this.byCount = true;
    /** Those that are ticked; null is absent. @type {Set<string | null>} */
    this.chosen = new Set(ownList(this.query, column.name));
    this.list = new ValueList((offset, signal) => this.read(offset, signal), this.chosen, () => this.sayChosen());
    this.element = this.build();
    this.show();
  }

  show() {
    const { element, cell } = this;
    document.getElementById("main")?.append(element);
    element.showPopover();
    const box = cell.getBoundingClientRect();
    element.style.left = `${Math.max(8, Math.min(box.left, innerWidth - element.offsetWidth - 8))}px`;
    element.style.top = `${Math.max(8, Math.min(box.bottom + 4, innerHeight - element.offsetHeight - 8))}px`;
    element.addEventListener("toggle", (event) => /** @type {ToggleEvent} */ (event).newState === "closed" && this.close());
    element.querySelector("input")?.focus({ preventScroll: true });
    this.list.begin();
    this.sayChosen();
  }

  close() {
    if (this.ended.signal.aborted) return;
    this.ended.abort();
    this.list.end();
    const inside = this.element.contains(document.activeElement);
    this.element.remove();
    if (open === this) open = null;
    if (inside) this.grid.head.focus(this.column.name, ".column-values");
  }

  build() {
    const panel = make("div", "facet");
    panel.setAttribute("popover", "auto");
    panel.setAttribute("role", "dialog");
    panel.setAttribute("aria-label", `Values of ${this.column.name}`);
    panel.append(this.buildHead(), this.buildActions());
    if ((this.profile?.histogram?.length ?? 0) > 1) panel.append(this.buildRange());
    panel.append(this.buildSearch(), this.list.element, this.buildFoot());
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      event.preventDefault();
      this.close();
    });
    return panel;
  }

  buildHead() {
    const head = make("header", "panel-head");
    const name = make("h2");
    name.dir = "auto";
    name.textContent = this.column.name;
    const close = button("Close");
    close.addEventListener("click", () => this.close());
    head.append(name, close);
    const { profile } = this;
    if (!profile) return head;
    const facts = make("p", "quiet");
    const parts = [`${kinds[profile.kind] ?? profile.kind}`, `${profile.exact ? "" : "about "}${count(profile.distinct)} different`];
    if (profile.empty) parts.push(`${count(profile.empty)} empty`);
    if (profile.absent) parts.push(`${count(profile.absent)} absent`);
    facts.textContent = parts.join(", ");
    const both = make("div");
    both.append(head, facts);
    return both;
  }

  buildActions() {
    const row = make("p", "facet-actions");
    for (const [text, act] of /** @type {[string, () => void][]} */ ([
      ["Sort ▲", () => this.sort(this.column.name)],
      ["Sort ▼", () => this.sort(`-${this.column.name}`)],
      ["Hide", () => this.hide()],
      [this.column.pinned ? "Unpin" : "Pin", () => this.turnPin()],
      ["◀", () => this.move(-1)],
      ["▶", () => this.move(1)],
      ["−", () => this.widen(-40)],
      ["+", () => this.widen(40)],
    ])) {
      const action = button(text);
      if (text in signs) action.setAttribute("aria-label", signs[text]);
      action.title = signs[text] ?? "";
      action.addEventListener("click", act);
      row.append(action);
    }
    return row;
  }

  turnPin() {
    this.close();
    layOut(this.grid.data.table, (layout) => layout.turnPin(this.column));
    this.grid.arrange();
    this.grid.head.focus(this.column.name);
  }

  /** The panel stays open: one moves on by several places. @param {1 | -1} by */
  move(by) {
    const { grid, column } = this;
    layOut(grid.data.table, (layout) => layout.move(grid.columns.list, column, by, grid.data.count));
    grid.arrange();
    grid.reveal(grid.inSight()[0], grid.columns.list.indexOf(column));
  }

  /** @param {number} by pixels */
  widen(by) {
    const { grid, column } = this;
    layOut(grid.data.table, (layout) => layout.widen(column, column.width + by));
    grid.columns.measure();
    grid.rearrange();
  }

  /** A range of numbers or dates, typed or drawn over how they are spread. */
  buildRange() {
    const form = make("form", "facet-range");
    const bins = this.profile?.histogram ?? [];
    const drawing = make("div", "facet-spread");
    drawing.append(spread(bins.map((bin) => bin.count)));
    const mark = make("span", "facet-mark");
    drawing.append(mark);
    const from = field("From", String(this.profile?.min ?? ""));
    const to = field("To", String(this.profile?.max ?? ""));
    const apply = button("Filter");
    apply.type = "submit";
    form.append(drawing, from.label, to.label, apply);
    this.drawRange(drawing, mark, (first, last) => {
      from.input.value = String(bins[first].from);
      to.input.value = String(/** @type {any} */ (bins[last]).to);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      this.filterRange(from.input.value.trim(), to.input.value.trim());
    });
    return form;
  }

  /**
   * Follows a finger or the mouse over the bars.
   * @param {HTMLElement} drawing @param {HTMLElement} mark @param {(first: number, last: number) => void} chosen
   */
  drawRange(drawing, mark, chosen) {
    const bins = this.profile?.histogram?.length ?? 1;
    const at = (/** @type {PointerEvent} */ event) => {
      const box = drawing.getBoundingClientRect();
      return Math.max(0, Math.min(bins - 1, Math.floor(((event.clientX - box.left) / box.width) * bins)));
    };
    let begun = -1;
    const show = (/** @type {PointerEvent} */ event) => {
      const [first, last] = [Math.min(begun, at(event)), Math.max(begun, at(event))];
      mark.style.left = `${(first / bins) * 100}%`;
      mark.style.width = `${((last + 1 - first) / bins) * 100}%`;
      chosen(first, last);
    };
    drawing.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      begun = at(event);
      drawing.setPointerCapture(event.pointerId);
      show(event);
    });
    drawing.addEventListener("pointermove", (event) => begun >= 0 && show(event));
    drawing.addEventListener("pointerup", () => (begun = -1));
  }

  buildSearch() {
    const row = make("p", "facet-search");
    const search = document.createElement("input");
    search.type = "search";
    search.placeholder = "Find a value";
    search.setAttribute("aria-label", "Find a value");
    search.autocomplete = "off";
    this.search = search;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let later;
    search.addEventListener("input", () => {
      clearTimeout(later);
      later = setTimeout(() => this.list.begin(), 120);
    });
    search.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") this.list.element.focus();
      if (event.key === "Enter") this.apply();
    });
    const order = button("By count");
    order.setAttribute("aria-pressed", "true");
    order.addEventListener("click", () => {
      this.byCount = !this.byCount;
      order.setAttribute("aria-pressed", String(this.byCount));
      this.list.begin();
    });
    row.append(search, order);
    return row;
  }

  buildFoot() {
    const foot = make("footer", "facet-foot");
    this.said = make("span", "quiet");
    this.said.setAttribute("role", "status");
    const none = button("None");
    none.addEventListener("click", () => {
      this.chosen.clear();
      this.list.draw();
      this.sayChosen();
    });
    const apply = button("Filter");
    apply.classList.add("primary");
    apply.addEventListener("click", () => this.apply());
    foot.append(this.said, none, apply);
    return foot;
  }

  /** A portion of the values. @param {number} offset @param {AbortSignal} signal */
  async read(offset, signal) {
    const query = new URLSearchParams(this.grid.data.view);
    for (const name of ["sort", "q"]) query.delete(name);
    const others = query.getAll("in").filter((list) => !isListOf(list, this.column.name));
    query.delete("in");
    for (const list of others) query.append("in", list);
    query.set("column", this.column.name);
    query.set("limit", "1000");
    if (offset > 0) query.set("after", String(offset));
    if (!this.byCount) query.set("sort", "value");
    if (this.search?.value) query.set("q", this.search.value);
    return readTable(tablePath(this.grid.data.table, "values", query), signal);
  }

  sayChosen() {
    if (!this.said) return;
    const { distinct } = this.list;
    this.said.textContent = this.chosen.size > 0 ? `${count(this.chosen.size)} chosen` : distinct < 0 ? "" : `${count(distinct)} different`;
  }

  /** Shows the rows with the values that are ticked; with none ticked, all. */
  apply() {
    this.setOwn(this.chosen.size > 0 ? [`${this.column.name}:${JSON.stringify([...this.chosen])}`] : []);
    this.change("filter");
  }

  /** @param {string[]} lists that take the place of those about this column */
  setOwn(lists) {
    const others = this.query.getAll("in").filter((list) => !isListOf(list, this.column.name));
    this.query.delete("in");
    for (const list of [...others, ...lists]) this.query.append("in", list);
  }

  /** @param {string} from @param {string} to */
  filterRange(from, to) {
    const { name } = this.column;
    const others = this.query.getAll("filter").filter((filter) => !filter.startsWith(`${name}>`) && !filter.startsWith(`${name}<`));
    this.query.delete("filter");
    for (const filter of others) this.query.append("filter", filter);
    if (from) this.query.append("filter", `${name}>=${from}`);
    if (to) this.query.append("filter", `${name}<=${to}`);
    this.change("filter");
  }

  /** @param {string} by */
  sort(by) {
    this.query.delete("sort");
    this.query.append("sort", by);
    this.change("sort");
  }

  hide() {
    layOut(this.grid.data.table, (layout) => layout.hidden.add(this.column.stored));
    this.query.append("hide", this.column.name);
    this.change("filter");
  }

  /** @param {import("./asking.js").Asked} asked */
  change(asked) {
    this.close();
    showView(this.query, asked);
  }
}

/** The values that a column must have already. @param {URLSearchParams} query @param {string} column @returns {(string | null)[]} */
function ownList(query, column) {
  const own = query.getAll("in").find((list) => isListOf(list, column));
  return own ? JSON.parse(own.slice(column.length + 1)) : [];
}

/** @param {string} list @param {string} column */
function isListOf(list, column) {
  return list.startsWith(`${column}:[`);
}

/** @param {string} name @param {string} [className] */
function make(name, className = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  return element;
}

/** @param {string} text */
function button(text) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button small";
  element.textContent = text;
  return element;
}

/** @param {string} text @param {string} hint */
function field(text, hint) {
  const label = document.createElement("label");
  const input = document.createElement("input");
  input.placeholder = hint;
  input.autocomplete = "off";
  label.append(`${text} `, input);
  return { label, input };
}

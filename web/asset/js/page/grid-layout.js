// How the columns of a table are laid out: their order, their widths, which are pinned and
// which are hidden. Columns are named by their places in the table, as the server does.
import { LEAST_WIDTH, MOST_WIDTH } from "./grid-columns.js";

/** @typedef {import("./grid-columns.js").GridColumn} GridColumn */

/**
 * As it is told and kept; see Layout in the Go package shared/workspace.
 * @typedef {object} LayoutValue
 * @property {number[]} [order] as columns are shown; those that are missing follow, as stored
 * @property {number[]} [pinned] @property {number[]} [hidden]
 * @property {Record<string, number>} [widths] pixels
 */

export class Layout {
  /** @param {LayoutValue} [value] */
  constructor({ order = [], pinned = [], hidden = [], widths = {} } = {}) {
    this.order = order;
    this.pinned = new Set(pinned);
    this.hidden = new Set(hidden);
    /** @type {Map<number, number>} */
    this.widths = new Map(Object.entries(widths).map(([column, width]) => [Number(column), width]));
  }

  /** @returns {LayoutValue} */
  value() {
    const rising = (/** @type {Iterable<number>} */ list) => [...list].sort((a, b) => a - b);
    return {
      order: this.order,
      pinned: rising(this.pinned),
      hidden: rising(this.hidden),
      widths: Object.fromEntries(rising(this.widths.keys()).map((column) => [column, this.widths.get(column) ?? 0])),
    };
  }

  /** @param {Layout} other */
  equals(other) {
    return JSON.stringify(this.value()) === JSON.stringify(other.value());
  }

  /** Lays columns out. @param {GridColumn[]} list @returns {GridColumn[]} */
  arrange(list) {
    for (const column of list) {
      column.width = this.widths.get(column.stored) ?? column.width;
      column.pinned = this.pinned.has(column.stored);
    }
    const places = new Map(this.order.map((stored, place) => [stored, place]));
    const place = (/** @type {GridColumn} */ { stored }) => places.get(stored) ?? this.order.length + stored;
    return list.toSorted((a, b) => place(a) - place(b));
  }

  /** @param {GridColumn} column @param {number} width pixels */
  widen(column, width) {
    column.width = Math.round(Math.max(LEAST_WIDTH, Math.min(width, MOST_WIDTH)));
    this.widths.set(column.stored, column.width);
  }

  /** Has a column stay in sight, or not any more. @param {GridColumn} column */
  turnPin(column) {
    column.pinned = !column.pinned;
    if (!this.pinned.delete(column.stored)) this.pinned.add(column.stored);
  }

  /**
   * Moves a column by a place among those like it: pinned ones or the others.
   * @param {GridColumn[]} list as they are shown @param {GridColumn} column @param {1 | -1} by
   * @param {number} all how many columns the table has: some may be hidden
   */
  move(list, column, by, all) {
    const other = list[list.indexOf(column) + by];
    if (!other || other.pinned !== column.pinned) return;
    const named = new Set(this.order);
    const order = [...this.order, ...Array.from({ length: all }, (_, stored) => stored).filter((stored) => !named.has(stored))];
    order.splice(order.indexOf(column.stored), 1);
    order.splice(order.indexOf(other.stored) + (by > 0 ? 1 : 0), 0, column.stored);
    this.order = order;
  }
}

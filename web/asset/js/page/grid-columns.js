// Where the columns of a grid stand: pinned ones first, then the others from left to
// right, each with a width of its own.

/**
 * @typedef {object} GridColumn
 * @property {string} name
 * @property {string} kind what it comes from, "" for plain text
 * @property {boolean} numeric whether all its values are numbers, as far as is known
 * @property {number} stored its place in the table
 * @property {number} width pixels
 * @property {boolean} pinned
 */

/** Pixels: what fits a spreadsheet's most columns stays within what browsers can scroll. */
export const LEAST_WIDTH = 48;
export const MOST_WIDTH = 480;

/** So much a column has unless a person makes it narrower: its header says what is in it. */
export const USUAL_LEAST = 120;

export class Columns {
  /** @param {GridColumn[]} list those that are shown, in order */
  constructor(list) {
    /** @type {GridColumn[]} as they are shown */
    this.list = [];
    this.pinned = 0;
    /** Where each begins: pinned ones from the row's number, the others from the last pinned one. */
    this.lefts = new Float64Array(1);
    /** What pinned columns take, and what the others do. */
    this.pinnedWidth = 0;
    this.width = 0;
    this.set(list);
  }

  /** @param {GridColumn[]} list */
  set(list) {
    this.list = [...list.filter((c) => c.pinned), ...list.filter((c) => !c.pinned)];
    this.pinned = list.filter((c) => c.pinned).length;
    this.lefts = new Float64Array(this.list.length + 1);
    this.measure();
  }

  /** Places the columns anew: a width has changed. */
  measure() {
    this.pinnedWidth = 0;
    this.width = 0;
    for (const [i, column] of this.list.entries()) {
      const pinned = i < this.pinned;
      this.lefts[i] = pinned ? this.pinnedWidth : this.width;
      if (pinned) this.pinnedWidth += column.width;
      else this.width += column.width;
    }
    this.lefts[this.list.length] = this.width;
  }

  /**
   * The columns that are in sight beside the pinned ones.
   * @param {number} left pixels @param {number} right
   * @returns {[first: number, end: number]}
   */
  between(left, right) {
    const first = Math.max(this.pinned, this.at(left));
    let end = first;
    while (end < this.list.length && this.lefts[end] < right) end++;
    return [first, end];
  }

  /** The column at a place beside the pinned ones. @param {number} x pixels */
  at(x) {
    let low = this.pinned;
    let high = this.list.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.lefts[middle] <= x) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The column at a place from the row's number on. @param {number} x pixels @param {number} scrolled */
  under(x, scrolled) {
    if (x < this.pinnedWidth) {
      let place = this.pinned - 1;
      while (place > 0 && this.lefts[place] > x) place--;
      return Math.max(0, place);
    }
    return this.at(x - this.pinnedWidth + scrolled);
  }
}

/** A width for a column that was not drawn yet. @param {string} name */
export function usualWidth(name) {
  return Math.min(MOST_WIDTH, Math.max(USUAL_LEAST, 40 + 8 * name.length));
}

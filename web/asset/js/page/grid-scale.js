// Browsers stop at 16 to 33 million pixels of height, which half a million rows have.
// A taller table lies on a canvas of at most 8 million, and the scroll bar's place is
// scaled: near both ends a pixel is a pixel, between them it is as many as it must be.

/** The most pixels that a canvas is high. */
const MOST = 8_000_000;

/** How many pixels at each end are not scaled: nobody scrolls them in one go. */
const END = 1_000_000;

export class Scale {
  /** @param {number} rows @param {number} rowHeight in pixels */
  constructor(rows, rowHeight) {
    /** What all rows take. */
    this.height = rows * rowHeight;
    /** What they take of the page. */
    this.canvas = Math.min(this.height, MOST);
    /** Whether both are the same. */
    this.whole = this.canvas === this.height;
  }

  /**
   * The place among all rows that the scroll bar's place stands for.
   * @param {number} scroll pixels of the canvas @param {number} view the height that is in sight
   */
  toPlace(scroll, view) {
    if (this.whole) return scroll;
    const most = this.canvas - view;
    if (scroll <= END) return scroll;
    if (scroll >= most - END) return this.height - view - (most - scroll);
    return Math.round(END + (scroll - END) * this.slope(view));
  }

  /**
   * The scroll bar's place for one among all rows.
   * @param {number} place pixels @param {number} view
   */
  toScroll(place, view) {
    if (this.whole) return place;
    const last = this.height - view;
    if (place <= END) return place;
    if (place >= last - END) return this.canvas - view - (last - place);
    return Math.round(END + (place - END) / this.slope(view));
  }

  /** How many pixels one of the canvas stands for, away from the ends. @param {number} view */
  slope(view) {
    return (this.height - view - 2 * END) / (this.canvas - view - 2 * END);
  }
}

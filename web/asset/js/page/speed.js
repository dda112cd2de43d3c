// How fast something goes, over its last few seconds.

const WINDOW_MS = 3000;

export class Speed {
  constructor() {
    /** @type {{ amount: number, at: number }[]} oldest first */
    this.samples = [];
  }

  /** @param {number} amount so far @param {number} at milliseconds */
  add(amount, at) {
    this.samples.push({ amount, at });
    while (this.samples.length > 2 && at - this.samples[0].at > WINDOW_MS) this.samples.shift();
  }

  /** @returns {number} 0 while it cannot be told */
  perSecond() {
    const first = this.samples[0];
    const last = this.samples[this.samples.length - 1];
    if (!first || last.at === first.at) return 0;
    return ((last.amount - first.amount) / (last.at - first.at)) * 1000;
  }
}

// The changes that a page has asked for and not heard of. Each keeps its id for as
// long as that takes, and is given to whoever leads next: who has done it already
// only says so again.

export class AskedChanges {
  constructor() {
    /** @type {Map<string, { change: MutateAsk, answer: (answer: ChangeAnswer) => void }>} by ask */
    this.open = new Map();
  }

  get size() {
    return this.open.size;
  }

  /**
   * @param {{ name: string, args: object }} mutation @param {(change: MutateAsk) => void} send
   * @returns {Promise<ChangeAnswer>} however long that takes
   */
  ask(mutation, send) {
    const change = { ask: crypto.randomUUID(), ...mutation };
    return new Promise((answer) => {
      this.open.set(change.ask, { change, answer });
      send(change);
    });
  }

  /** Somebody leads who may not have heard of them. @param {(change: MutateAsk) => void} send */
  again(send) {
    for (const { change } of this.open.values()) send(change);
  }

  /** @param {ChangeAnswer & { ask: string }} answer */
  answered(answer) {
    const asked = this.open.get(answer.ask);
    this.open.delete(answer.ask);
    asked?.answer(answer);
  }

  /** Nobody will lead any more, as far as this page can know. */
  giveUp() {
    for (const { change } of this.open.values()) this.answered({ ask: change.ask, type: "silent" });
  }
}

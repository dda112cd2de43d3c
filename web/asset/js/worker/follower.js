// A worker's part for its own page: passes on what that asks, and what is said to it.

/** @typedef {import("../both/channel.js").ChannelMessage} ChannelMessage */

export class Follower {
  /**
   * @param {object} ways
   * @param {(message: import("../both/channel.js").ToPage) => void} ways.toPage
   * @param {(question: import("../both/channel.js").Question) => void} ways.toLeader whoever that is
   * @param {() => void} ways.online the page's browser has a network again
   */
  constructor({ toPage, toLeader, online }) {
    this.toPage = toPage;
    this.toLeader = toLeader;
    this.online = online;
    /** By which the leader answers this worker's page alone. */
    this.name = crypto.randomUUID();
    /** What the page waits for, by id. Other tabs ask too, and so does the service worker. @type {Set<string>} */
    this.questions = new Set();
  }

  /** What the page says. @param {import("../both/channel.js").ToWorker} message */
  receive(message) {
    switch (message.type) {
      case "ask":
        return this.toLeader({ type: "ask", ask: this.signed(message.ask) });
      case "online":
        return this.online();
      case "draw":
      case "save":
      case "read":
        this.questions.add(message.id);
        return this.toLeader(message);
      case "cancel":
        this.questions.delete(message.id);
        return this.toLeader(message);
    }
  }

  /** @param {PageAsk} ask @returns {string} */
  signed(ask) {
    /** @type {AskOfWorker} */
    const signed = { ...ask, page: this.name };
    return JSON.stringify(signed);
  }

  /**
   * What is said on the channel, or by the leader in this worker.
   * @param {ChannelMessage} message
   * @returns {boolean} whether it is for this worker's page and for no other
   */
  hear(message) {
    switch (message.type) {
      case "frame":
        if (message.page === "" || message.page === this.name) this.toPage(message);
        return message.page === this.name;
      case "beat":
        this.toPage(message);
        return false;
      case "asking":
        if (!this.questions.has(message.id)) return false;
        this.toPage(message);
        return true;
      case "drawn":
      case "saved":
      case "answered":
        if (!this.questions.delete(message.id)) return false;
        this.toPage(message);
        return true;
    }
    return false;
  }
}

// What is said between tabs, their workers and the one worker that leads: each
// message has a type, by which it is told apart, and stands below once.
//
//	page ── ToWorker ──▶ its worker ── Question ──▶ all workers: the one that leads does it
//	page ◀─ ToPage ───── its worker ◀─ Answer ───── the worker that leads
//	page ── Question ──▶ the worker that leads, for what it asks of no worker of its own
//	page ── ToConverter ▶ a worker that converts ── ToOrderer ──▶ that page

/** Names the channel on which all of a browser hear each other, and the lock of the worker that leads. */
export const REPLICA = "ret-replica";

/**
 * For whoever leads.
 * @typedef {{ type: "ask", ask: string }} AskMessage a page's question or change: an AskOfWorker as JSON
 * @typedef {{ type: "draw", id: string, path: string }} DrawMessage asks for a page, answered by "drawn"
 * @typedef {{ type: "save", id: string, path: string }} SaveMessage asks for a table, answered by "saved"
 * @typedef {{ type: "read", id: string, path: string }} ReadMessage a question about a table, as the API takes it, answered by "answered"
 * @typedef {{ type: "cancel", id: string }} CancelMessage nobody waits for an answer any more
 * @typedef {{ type: "converted", job: string }} ConvertedMessage tables are kept that were made here
 * @typedef {{ type: "pending" }} PendingMessage files may wait to go up: now is the time
 * @typedef {{ type: "give-up", upload: string }} GiveUpMessage a person does not want a file any more
 * @typedef {{ type: "try-again", upload: string }} TryAgainMessage a person wants what was refused tried once more
 * @typedef {{ type: "what-waits" }} WhatWaitsMessage answered by "waits"
 * @typedef {AskMessage | DrawMessage | SaveMessage | ReadMessage | CancelMessage | ConvertedMessage | PendingMessage | GiveUpMessage | TryAgainMessage | WhatWaitsMessage} Question
 */

/**
 * From whoever leads.
 * @typedef {{ type: "frame", page: string, frame: string, leader: string }} FrameMessage for one
 *   worker's page, or for all if page is ""; leader is the name of who says it
 * @typedef {{ type: "beat" }} BeatMessage the module is alive
 * @typedef {{ type: "drawn", id: string } & Drawn} DrawnMessage
 * @typedef {{ type: "saved", id: string } & Saved} SavedMessage
 * @typedef {{ type: "answered", id: string, status: number, body: string }} AnsweredMessage status 0: the server is to be asked
 * @typedef {{ type: "asking", id: string }} AskingMessage the server is asked first, which may take long
 * @typedef {{ type: "waits", waits: Waits }} WaitsMessage
 * @typedef {{ type: "uploads", report: UploadReport }} UploadsMessage
 * @typedef {FrameMessage | BeatMessage | DrawnMessage | SavedMessage | AnsweredMessage | AskingMessage | WaitsMessage | UploadsMessage} Answer
 */

/**
 * From a tab that erases what this browser keeps, to everybody.
 * @typedef {{ type: "erase", reason: ErasedFor }} EraseMessage
 */

/** @typedef {Question | Answer | EraseMessage} ChannelMessage */

/**
 * From a page to its worker.
 * @typedef {{ type: "ask", ask: PageAsk }} PageAskMessage
 * @typedef {{ type: "online" }} OnlineMessage the network may be back
 * @typedef {PageAskMessage | OnlineMessage | DrawMessage | SaveMessage | ReadMessage | CancelMessage} ToWorker
 */

/**
 * From a worker to its page.
 * @typedef {{ type: "ended", erased?: ErasedFor }} EndedMessage the worker has ended; erased: with all that was kept
 * @typedef {FrameMessage | BeatMessage | DrawnMessage | SavedMessage | AnsweredMessage | AskingMessage | EndedMessage} ToPage
 */

/**
 * Between a page and a worker that converts.
 * @typedef {{ type: "rehearse" } | { type: "convert", order: ConversionOrder }} ToConverter
 * @typedef {{ type: "progress", progress: ConversionProgress }
 *   | { type: "finished", finished: Finished }
 *   | { type: "failed", problem: string, kept: boolean }
 *   | { type: "kept" }} ToOrderer
 */

/** One end of the channel. Whoever opened it does not hear itself. */
export class Channel {
  /** @param {(message: ChannelMessage) => void} [hear] */
  constructor(hear) {
    this.port = new BroadcastChannel(REPLICA);
    if (hear) this.port.onmessage = ({ data }) => hear(data);
  }

  /** @param {ChannelMessage} message */
  say(message) {
    this.port.postMessage(message);
  }

  /** An open end keeps a page out of the back-forward cache. */
  close() {
    this.port.close();
  }
}

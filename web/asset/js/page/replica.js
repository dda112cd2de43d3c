// The page's side of the copy that this browser keeps of the session: starts the
// worker when the page is idle, and follows what it says instead of the server
// for as long as it is there.
import { backoff } from "../both/backoff.js";
import { TIME_UP } from "./clock.js";
import { isOffline, SERVER_GONE } from "./connection.js";
import { whenEnded } from "./ended.js";
import { moduleURL } from "../both/engine-module.js";
import { NO_COPY } from "../both/standing.js";
import { prepareFonts } from "./fonts.js";
import { parsePage } from "./fragment.js";
import { isHere } from "./here.js";
import { followKept, hearKept } from "./kept-rows.js";
import { showMode } from "./mode.js";
import { answerChange, askAgain, followOutbox, giveUpChanges } from "./outbox.js";
import { purge } from "./purge.js";
import { showRejections } from "./rejections.js";
import { startWorker } from "./script-url.js";
import { erasedElsewhere, startSignOut, timeIsUp } from "./sign-out.js";
import { uuidv7 } from "./uuid.js";
import { tell } from "./worker-link.js";

/** The document's event when this page follows no worker any more. */
const LEADER_GONE = "ret-leader-gone";

/** How long the worker may be silent before the page asks the server again. */
const SILENCE_MS = 5000;

/** How often a worker that fails is started again. */
const MOST_FAILURES = 5;

/** How long a page waits for the worker to draw another one, and how long where no server can. */
const DRAW_WITHIN_MS = 700;
const DRAW_ALONE_MS = 10_000;

/** How long for it to write a table, and how long where the server can give it. */
const SAVE_WITHIN_MS = 60_000;
const ELSE_WITHIN_MS = 5000;

/** Whether this browser has what the worker needs; what it lacks else shows there. */
function supported() {
  return moduleURL !== "" && "Worker" in window && "locks" in navigator && "BroadcastChannel" in window && "WebAssembly" in window;
}

/**
 * @param {import("./live.js").Live | null} live null on pages that follow nothing
 * @param {Worker | null} worker of this tab, if it runs already
 * @returns {Replica | null}
 */
export function startReplica(live, worker) {
  startSignOut();
  if (live && supported()) return begin(live, worker);
  if (!live) cleanUp();
  else showMode(NO_COPY);
  return null;
}

/** @param {import("./live.js").Live} live @param {Worker | null} worker */
function begin(live, worker) {
  const replica = new Replica(live);
  whenEnded(() => replica.end());
  document.addEventListener(TIME_UP, timeIsUp);
  // With the back-forward cache on, a worker that is kept would keep the lock.
  addEventListener("pagehide", () => replica.stop());
  addEventListener("pageshow", (event) => event.persisted && replica.start());
  addEventListener("online", () => tell(replica.worker, { type: "online" }));
  if (worker) replica.start(worker);
  else whenIdle(() => {
    prepareFonts();
    replica.start();
  });
  return replica;
}

/** How long a page that is busy, or not in sight, puts the worker off. */
const IDLE_WITHIN_MS = 500;

/** @param {() => void} start */
function whenIdle(start) {
  if ("requestIdleCallback" in window) requestIdleCallback(start, { timeout: IDLE_WITHIN_MS });
  else setTimeout(start);
}

/**
 * A page or a table that the worker is asked for, or what it is asked about one.
 * @typedef {{ what: "draw" | "save" | "read", path: string, answer: (answer: any) => void, asking: () => void }} Question
 *   asking: the worker asks the server for it, so that it may take long
 */

export class Replica {
  /** @param {import("./live.js").Live} live */
  constructor(live) {
    this.live = live;
    /** @type {Worker | null} */
    this.worker = null;
    this.lastBeat = 0;
    this.failures = 0;
    /** The worker that leads, as far as this page has heard: its name. */
    this.leader = "";
    /** Bytes of tables' rows that the worker keeps; -1: the page follows none. */
    this.rows = -1;
    /** Whether the session is over, so that no worker may run. */
    this.over = false;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.watch = undefined;
    /** @type {Map<string, Question>} what the worker was asked for and has not answered, by id */
    this.questions = new Map();
  }

  /** @param {Worker} [worker] one that runs already */
  start(worker) {
    if (this.worker || this.over) return;
    this.worker = worker ?? startWorker();
    this.worker.onmessage = ({ data }) => this.receive(data);
    this.worker.onerror = (event) => {
      event.preventDefault();
      this.ended();
    };
    this.watch = setInterval(() => this.look(), 1000);
    this.ask();
  }

  /** Ends the worker, whatever it does: its lock goes to another tab's. */
  stop() {
    clearInterval(this.watch);
    this.worker?.terminate();
    this.worker = null;
    this.unfollow();
    this.live.release();
  }

  /** What is in this browser is not asked for any more. */
  unfollow() {
    this.rows = -1;
    followOutbox(null);
    followKept(null);
  }

  /** The session is over. */
  end() {
    this.over = true;
    this.stop();
  }

  /** @param {import("../both/channel.js").ToPage} message */
  receive(message) {
    switch (message.type) {
      case "saved":
      case "answered":
      case "drawn":
        return this.questions.get(message.id)?.answer(message);
      case "asking":
        return this.questions.get(message.id)?.asking();
      case "beat":
        this.lastBeat = performance.now();
        return;
      case "frame":
        return this.hear(JSON.parse(message.frame), message.leader);
      case "ended":
        if (message.erased) {
          this.failures = MOST_FAILURES;
          erasedElsewhere(message.erased);
        }
        return this.ended();
    }
  }

  /** @param {EngineFrame | ServerFrame} frame @param {string} leader whose it is */
  hear(frame, leader) {
    switch (frame.type) {
      case "standing":
        return this.stand(frame, leader);
      case "kept":
        return hearKept(frame.tables);
      case "taken":
      case "refused":
        return answerChange(frame);
    }
    if (this.live.relay || frame.type === "purge") this.live.receive(frame);
  }

  /** @param {Standing} standing @param {string} leader whose it is */
  stand(standing, leader) {
    showMode(standing);
    if (!standing.none) this.showOutbox(standing);
    if (!standing.ready) return this.takeBack();
    followOutbox((mutate) => this.say({ type: "mutate", mutate }));
    this.followRows(standing.rows);
    this.failures = 0;
    this.lastBeat = performance.now();
    if (!this.live.relay) this.takeOver();
    else if (standing.cursor > this.live.cursor.at && !this.live.comesBack) this.ask(); // another tab leads now
    this.leads(leader);
    this.live.serverIs(standing);
  }

  /** @param {Standing} standing of a module that runs: another knows nothing of changes */
  showOutbox({ waiting, rejections }) {
    this.live.waiting = waiting;
    showRejections(rejections ?? [], (id) => this.say({ type: "dismiss", dismiss: id }));
  }

  /** @param {number} bytes of rows that are kept */
  followRows(bytes) {
    if (this.rows === bytes) return;
    this.rows = bytes;
    followKept((tables) => this.say({ type: "kept", kept: tables }));
  }

  takeOver() {
    this.live.handOver(() => this.ask());
    // Rows that the server drew were looked at too; drawing them here keeps them.
    if (location.pathname.startsWith("/tables/")) this.draw(location.pathname + location.search);
  }

  /**
   * What has no answer is asked of whoever leads now: who led before may not have
   * heard of it.
   * @param {string} leader
   */
  leads(leader) {
    if (this.leader === leader) return;
    this.leader = leader;
    for (const [id, question] of this.questions) this.put(id, question);
    askAgain();
  }

  ask() {
    const { epoch, at } = this.live.cursor;
    this.say({ type: "follow", epoch, cursor: at });
  }

  /** @param {PageAsk} ask */
  say(ask) {
    tell(this.worker, { type: "ask", ask });
  }

  /** The server is asked, for changes as well. */
  takeBack() {
    this.unfollow();
    document.dispatchEvent(new Event(LEADER_GONE));
    this.live.takeBack();
  }

  /**
   * Asks the worker for a page, while this one follows it. If that asks the server, it
   * is waited for as long as there is one.
   * @param {string} path and query @param {AbortSignal} [signal] gives it up, at the server too
   * @returns {Promise<Drawn | null>} null if it does not answer in time
   */
  async draw(path, signal) {
    return this.live.relay ? this.question("draw", path, isOffline() ? DRAW_ALONE_MS : DRAW_WITHIN_MS, signal) : null;
  }

  /**
   * Has the worker draw a page as soon as one leads: no server does. Who asks for a
   * page does not wait until the one at hand is idle and starts its worker by itself.
   * @param {string} path and query
   * @returns {Promise<Drawn | null>}
   */
  drawAlone(path) {
    if (this.failures === 0) this.start();
    return this.question("draw", path, DRAW_ALONE_MS);
  }

  /**
   * Asks the worker for a table, as the server would give it out.
   * @param {string} path and query of the download
   * @returns {Promise<Saved | null>} null if it does not answer in time
   */
  save(path) {
    return this.question("save", path, isOffline() ? SAVE_WITHIN_MS : ELSE_WITHIN_MS);
  }

  /**
   * Asks the worker about a table, as the API is asked.
   * @param {string} path and query @param {AbortSignal} [signal]
   * @returns {Promise<{ status: number, body: string } | null>} null if it does not answer in time
   */
  read(path, signal) {
    return this.question("read", path, DRAW_ALONE_MS, signal);
  }

  /**
   * @param {Question["what"]} what @param {string} path @param {number} within milliseconds
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>} null if the worker does not answer in time
   */
  question(what, path, within, signal) {
    if (!this.worker || signal?.aborted) return Promise.resolve(null);
    const id = uuidv7();
    const ended = new AbortController();
    return new Promise((answer) => {
      const giveUp = () => {
        tell(this.worker, { type: "cancel", id });
        answer(null);
      };
      const timer = setTimeout(giveUp, within);
      ended.signal.addEventListener("abort", () => clearTimeout(timer));
      signal?.addEventListener("abort", giveUp, { signal: ended.signal });
      const asking = () => {
        clearTimeout(timer);
        document.addEventListener(SERVER_GONE, giveUp, { signal: ended.signal });
        document.addEventListener(LEADER_GONE, giveUp, { signal: ended.signal });
      };
      const question = { what, path, answer, asking };
      this.questions.set(id, question);
      this.put(id, question);
    }).finally(() => {
      ended.abort();
      this.questions.delete(id);
    });
  }

  /** @param {string} id @param {Question} question */
  put(id, { what, path }) {
    tell(this.worker, { type: what, id, path });
  }

  /** @param {string} html */
  parse(html) {
    return parsePage(html);
  }

  /** Looks whether the leader is alive; if not, the server is asked meanwhile. */
  look() {
    const silent = performance.now() - this.lastBeat > SILENCE_MS;
    if (silent && this.live.relay) this.takeBack();
    if (!silent && !this.live.relay) this.ask();
  }

  /** The worker has ended by itself: start another, a few times. */
  ended() {
    clearInterval(this.watch);
    this.worker?.terminate();
    this.worker = null;
    this.takeBack();
    this.leader = "";
    if (++this.failures < MOST_FAILURES) setTimeout(() => this.start(), backoff(this.failures));
    else if (this.failures === MOST_FAILURES) giveUpChanges();
  }
}

/**
 * On pages for nobody: takes away what an ended session has left here. Where one
 * lives on, the server has left its cookies.
 */
function cleanUp() {
  if (["/login", "/signed-out"].includes(location.pathname) && !isHere()) purge();
}

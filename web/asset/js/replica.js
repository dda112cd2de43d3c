// The page's side of the copy that this browser keeps of the session: starts the
// worker when the page is idle, and follows what it says instead of the server
// for as long as it is there.
import { backoff } from "./backoff.js";
import { removeFiles } from "./engine-files.js";
import { moduleURL } from "./engine-module.js";
import { parsePage } from "./fragment.js";
import { showMode } from "./mode.js";
import { uuidv7 } from "./uuid.js";

/** How long the worker may be silent before the page asks the server again. */
const SILENCE_MS = 5000;

/** How often a worker that fails is started again. */
const MOST_FAILURES = 5;

/** How long a page waits for the worker to draw another one. */
const DRAW_WITHIN_MS = 700;

const policy = window.trustedTypes?.createPolicy("ret-script", {
  // The one address of a script that a page starts.
  createScriptURL: (address) => (address === workerURL() ? address : ""),
});

function workerURL() {
  return new URL("./worker.js", import.meta.url).href;
}

/** Whether this browser has what the worker needs; what it lacks else shows there. */
function supported() {
  return moduleURL !== "" && "Worker" in window && "locks" in navigator && "BroadcastChannel" in window && "WebAssembly" in window;
}

/**
 * @param {import("./live.js").Live | null} live null on pages that follow nothing
 * @returns {Replica | null}
 */
export function startReplica(live) {
  if (!live) cleanUp();
  else if (!supported()) showMode({ ready: false, online: true, bytes: 0, rows: 0 });
  else return begin(live);
  return null;
}

/** @param {import("./live.js").Live} live */
function begin(live) {
  const replica = new Replica(live);
  // With the back-forward cache on, a worker that is kept would keep the lock.
  addEventListener("pagehide", () => replica.stop());
  addEventListener("pageshow", (event) => event.persisted && replica.start());
  addEventListener("online", () => replica.worker?.postMessage({ online: true }));
  document.addEventListener("submit", (event) => eraseFirst(event, replica));
  whenIdle(() => replica.start());
  return replica;
}

/** How long a page that is busy, or not in sight, puts the worker off. */
const IDLE_WITHIN_MS = 500;

/** @param {() => void} start */
function whenIdle(start) {
  if ("requestIdleCallback" in window) requestIdleCallback(start, { timeout: IDLE_WITHIN_MS });
  else setTimeout(start);
}

export class Replica {
  /** @param {import("./live.js").Live} live */
  constructor(live) {
    this.live = live;
    /** @type {Worker | null} */
    this.worker = null;
    this.lastBeat = 0;
    this.failures = 0;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.watch = undefined;
    /** @type {Map<string, (answer: Drawn) => void>} who waits for a page, by its id */
    this.waiting = new Map();
  }

  start() {
    if (this.worker) return;
    const address = /** @type {string} */ (/** @type {unknown} */ (policy?.createScriptURL(workerURL()) ?? workerURL()));
    this.worker = new Worker(address, { type: "module" });
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
    this.live.release();
  }

  /** @param {{ frame?: string, beat?: boolean, ended?: boolean, erased?: boolean, drawn?: string, status?: number, html?: string }} message */
  receive({ frame, beat, ended, erased, drawn, status, html }) {
    if (drawn) this.waiting.get(drawn)?.({ status: status ?? 0, html: html ?? "" });
    if (beat) this.lastBeat = performance.now();
    if (erased) this.failures = MOST_FAILURES;
    if (ended) this.ended();
    if (!frame) return;
    const parsed = JSON.parse(frame);
    if (parsed.type === "standing") this.stand(parsed);
    else if (this.live.relay || parsed.type === "purge") this.live.receive(parsed);
  }

  /** @param {Standing} standing */
  stand(standing) {
    showMode(standing);
    if (!standing.ready) return this.live.takeBack();
    this.failures = 0;
    this.lastBeat = performance.now();
    if (!this.live.relay) this.live.handOver(() => this.ask());
    else if ((standing.cursor ?? 0) > this.live.cursor.at) this.ask(); // another tab leads now
    this.live.serverIs(standing.online);
  }

  ask() {
    const { epoch, at } = this.live.cursor;
    this.worker?.postMessage({ ask: { epoch, cursor: at } });
  }

  /**
   * Asks the worker for a page, while this one follows it.
   * @param {string} path and query
   * @returns {Promise<Drawn | null>} null if it does not answer in time
   */
  draw(path) {
    if (!this.worker || !this.live.relay) return Promise.resolve(null);
    const id = uuidv7();
    this.worker.postMessage({ draw: { id, path } });
    return new Promise((/** @type {(answer: Drawn | null) => void} */ resolve) => {
      this.waiting.set(id, resolve);
      setTimeout(() => resolve(null), DRAW_WITHIN_MS);
    }).finally(() => this.waiting.delete(id));
  }

  /** @param {string} html */
  parse(html) {
    return parsePage(html);
  }

  /** Looks whether the leader is alive; if not, the server is asked meanwhile. */
  look() {
    const silent = performance.now() - this.lastBeat > SILENCE_MS;
    if (silent && this.live.relay) this.live.takeBack();
    if (!silent && !this.live.relay) this.ask();
  }

  /** The worker has ended by itself: start another, a few times. */
  ended() {
    clearInterval(this.watch);
    this.worker?.terminate();
    this.worker = null;
    this.live.takeBack();
    if (++this.failures < MOST_FAILURES) setTimeout(() => this.start(), backoff(this.failures));
  }
}

/**
 * Signing out erases what this browser keeps before the server is asked to erase
 * the rest: the leader ends, nobody opens the files again, then they go.
 * @param {SubmitEvent} event @param {Replica} replica
 */
function eraseFirst(event, replica) {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || new URL(form.action).pathname !== "/logout") return;
  event.preventDefault();
  replica.stop();
  const others = new BroadcastChannel("ret-replica");
  others.postMessage({ erase: true });
  removeFiles()
    .catch(() => {}) // the signed-out page has the browser clear its storage
    .finally(() => form.submit());
}

/** On pages for nobody: takes away what an ended session has left here. */
function cleanUp() {
  if (!["/login", "/signed-out"].includes(location.pathname) || !navigator.storage?.getDirectory) return;
  removeFiles().catch(() => {}); // another tab holds them still, and goes itself
}

// What has not reached the server: changes in the outbox and files that wait, which
// the worker that leads knows, and what this tab is sending itself.
import { Channel, REPLICA } from "../both/channel.js";
import { moduleURL } from "../both/engine-module.js";
import { keepingHere } from "./offline-upload.js";
import { asked } from "./outbox.js";
import { startWorker } from "./script-url.js";
import { sending } from "./upload.js";
import { tell } from "./worker-link.js";

/** How long a worker may take to start, and how often it is asked. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = 100;

export class Waiting {
  constructor() {
    this.channel = new Channel((message) => message.type === "waits" && this.told(message.waits));
    /** Takes the next answer. @type {(waits: Waits) => void} */
    this.told = () => {};
    /** A worker of our own, where no other one runs. @type {Worker | null} */
    this.worker = null;
    this.failed = false;
    /** Whether nobody leads, so that there is only this tab. */
    this.alone = false;
    this.end = this.end.bind(this);
    addEventListener("pagehide", this.end);
  }

  /** Stops listening, and ends the worker: it may hold files. */
  end() {
    removeEventListener("pagehide", this.end);
    this.channel.close();
    this.worker?.terminate();
    this.worker = null;
  }

  /** @returns {Promise<Waits | null>} null if it cannot be learned */
  async first() {
    for (const began = performance.now(); performance.now() - began < PATIENCE_MS; ) {
      const waits = await this.next();
      if (waits) return waits;
      this.alone = !(await this.somebodyLeads());
    }
    return null;
  }

  /** Asks once; null if nobody answers in a moment. @returns {Promise<Waits | null>} */
  async next() {
    const waits = await (this.alone ? after(AGAIN_MS, nothing) : this.ask());
    return waits && withOurs(waits);
  }

  /** @returns {Promise<Waits | null>} */
  ask() {
    /** @type {Promise<Waits>} */
    const answer = new Promise((resolve) => {
      this.told = resolve;
    });
    this.channel.say({ type: "what-waits" });
    tell(this.worker, { type: "ask", ask: { type: "follow", epoch: "", cursor: 0 } }); // it says how it stands
    const pause = after(AGAIN_MS, null);
    return Promise.all([Promise.race([answer, pause]), pause]).then(([waits]) => waits);
  }

  /** Has what waits be sent now, not when it would be tried again. */
  hurry() {
    this.channel.say({ type: "pending" });
  }

  /** Whether a worker will answer; where none runs and there is a copy, one is started. */
  async somebodyLeads() {
    const { held = [], pending = [] } = await navigator.locks.query();
    if ([...held, ...pending].some((lock) => lock.name === REPLICA)) return true;
    if (this.worker) return !this.failed; // it may still be loading
    if (moduleURL === "" || !(await keepsCopy())) return false;
    const worker = startWorker();
    worker.onerror = (event) => {
      event.preventDefault();
      this.failed = true;
    };
    worker.onmessage = ({ data }) => (this.failed ||= data.type === "ended");
    this.worker = worker;
    return true;
  }
}

/** Whether this browser can keep anything that waits. */
export function canWait() {
  return "locks" in navigator && "BroadcastChannel" in window;
}

/** @type {Waits} */
const nothing = { online: true, changes: 0, rejected: 0, uploads: [] };

/**
 * Adds what only this tab knows: changes that it has just asked for, and files that
 * it is sending or keeping.
 * @param {Waits} waits @returns {Waits}
 */
function withOurs(waits) {
  const { uploads, failed } = sending.report();
  const keeping = keepingHere().map((id) => ({ id, name: "", size: 0, sent: 0 }));
  const all = new Map([...keeping, ...uploads, ...waits.uploads].map((u) => [u.id, u]));
  return { ...waits, changes: Math.max(waits.changes, asked()), rejected: waits.rejected + failed, uploads: [...all.values()] };
}

async function keepsCopy() {
  try {
    const root = await navigator.storage.getDirectory();
    await root.getDirectoryHandle("ret");
    return true;
  } catch {
    return false;
  }
}

/**
 * @template T
 * @param {number} ms @param {T} value
 * @returns {Promise<T>}
 */
function after(ms, value) {
  return new Promise((resolve) => setTimeout(() => resolve(value), ms));
}

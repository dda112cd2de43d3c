// Sends the files that wait for the network, in pieces, one after the other. It
// runs in the worker that leads, so that each file goes up once however many tabs
// are open. A file leaves this browser when the server has accepted it.
import { backoff } from "../both/backoff.js";
import { problemSentence } from "../both/upload-problem.js";

/** How much goes in one request: what a cut can cost. */
const PIECE_BYTES = 1 << 20;

/** How often content that arrived otherwise than it was sent is sent again. */
const MOST_RESTARTS = 3;

/** Of HTTP: the server has no room. It may have some when the person has made it. */
const FULL = 507;

/** The longest wait before the same is tried again, of who is asked for nothing else. */
const MOST_WAIT_MS = 3000;

/** The server cannot be reached, or asks to wait: the same is tried again later. */
class Later extends Error {
  /** @param {number} [seconds] the server's own wish */
  constructor(seconds) {
    super("later");
    this.seconds = seconds ?? 0;
  }
}

/** The session is over: whatever ends it removes what is kept here. */
class SignedOut extends Error {}

/** The server will not have it, for a reason that a person must hear. */
class Refused extends Error {}

/** @typedef {{ slice(from: number, to: number): Promise<Uint8Array<ArrayBuffer>> }} Sliceable */

/**
 * What the uploader works with; tests have their own.
 * @typedef {{
 *   records(): Promise<PendingUpload[]>,
 *   file(id: string): Promise<Sliceable>,
 *   write(record: PendingUpload): Promise<void>,
 *   remove(id: string): Promise<void>,
 * }} UploadStore
 */

export class Uploader {
  /**
   * @param {UploadStore} store
   * @param {(report: UploadReport) => void} report hears what waits, and what is done
   * @param {(path: string, request: RequestInit) => Promise<Response>} ask
   */
  constructor(store, report, ask = (path, request) => fetch(path, request)) {
    this.store = store;
    this.report = report;
    this.ask = ask;
    this.busy = false;
    this.again = false;
    this.failures = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Map<string, number>} bytes that the server has, by upload */
    this.sent = new Map();
    /** @type {Set<string>} given up by the person */
    this.dropped = new Set();
  }

  /** Looks for what waits, now; a run that is under way looks once more. */
  async wake() {
    clearTimeout(this.timer);
    this.again = true;
    if (this.busy) return;
    this.busy = true;
    try {
      while (this.again) {
        this.again = false;
        await this.sendAll();
      }
      this.failures = 0;
    } catch (problem) {
      if (!(problem instanceof SignedOut)) this.comeBack(problem instanceof Later ? problem.seconds : 0);
    } finally {
      this.busy = false;
    }
  }

  /** @param {number} seconds that the server asks to wait */
  comeBack(seconds) {
    this.failures++;
    this.timer = setTimeout(() => this.wake(), Math.max(Math.min(MOST_WAIT_MS, backoff(this.failures)), seconds * 1000));
  }

  /**
   * The person does not want it any more.
   * @param {string} id
   */
  async drop(id) {
    this.dropped.add(id);
    await this.store.remove(id);
    await this.tell();
    await this.ask(address(id), { method: "DELETE" }).catch(() => {}); // it runs out there
  }

  /**
   * The person wants what the server refused to be tried once more.
   * @param {string} id
   */
  async retry(id) {
    const record = (await this.store.records()).find((r) => r.id === id);
    if (!record) return;
    await this.store.write({ ...record, refused: undefined });
    await this.wake();
  }

  /** @param {string} [done] an upload that the server has accepted */
  async tell(done) {
    this.report({ uploads: await this.list(), done });
  }

  /** What waits. @returns {Promise<UploadReport["uploads"]>} */
  async list() {
    const records = await this.store.records();
    return records.map((record) => {
      const { id, name, size, refused } = record;
      return { id, name, size, refused, job: jobOf(record, records), sent: this.sent.get(id) ?? 0 };
    });
  }

  async sendAll() {
    await this.tell();
    for (const record of await this.store.records()) {
      if (record.refused || this.dropped.has(record.id)) continue;
      try {
        await this.send(record);
      } catch (problem) {
        if (this.dropped.has(record.id)) continue;
        if (!(problem instanceof Refused)) throw problem;
        await this.store.write({ ...record, refused: problem.message });
        await this.tell();
        continue;
      }
      await this.store.remove(record.id);
      await this.tell(record.id);
    }
  }

  /** @param {PendingUpload} record */
  async send(record) {
    let offset = await this.offset(record.id);
    for (let restarts = 0; ; restarts++) {
      offset = await this.sendPieces(record, offset);
      const answer = await this.request(address(record.id), { method: "POST", body: JSON.stringify(completion(record)) });
      if (answer.status === 201) break;
      offset = await elsewhere(answer);
      if (restarts === MOST_RESTARTS) throw new Refused(problemSentence(0, "The file arrived damaged again and again. Drop it once more when the network is better.", null));
    }
    await this.submit(record);
  }

  /** @param {string} id */
  async offset(id) {
    const answer = await this.request(address(id), { method: "GET" });
    return answer.status === 404 ? 0 : (await answer.json()).offset;
  }

  /** @param {PendingUpload} record @param {number} offset @returns {Promise<number>} */
  async sendPieces(record, offset) {
    const file = await this.store.file(record.id);
    // The first piece is what makes an empty file known.
    for (let first = offset === 0; first || offset < record.size; first = false) {
      if (this.dropped.has(record.id)) throw new Later();
      const headers = { "Upload-Offset": String(offset), "Content-Type": "application/octet-stream" };
      const body = await file.slice(offset, Math.min(record.size, offset + PIECE_BYTES));
      const answer = await this.request(address(record.id), { method: "PATCH", headers, body });
      if (answer.status === 404) offset = 0;
      else offset = answer.status === 204 ? offsetOf(answer, offset + body.length) : await elsewhere(answer);
      this.sent.set(record.id, offset);
      this.failures = 0;
      await this.tell();
    }
    return offset;
  }

  /**
   * Files that are converted together have a job of their own once all are there.
   * @param {PendingUpload} record
   */
  async submit(record) {
    if (!record.then) return;
    const { job, files, options } = record.then;
    const answer = await this.request("/api/v1/jobs", { method: "POST", body: JSON.stringify({ id: job, kind: "convert", files, options }) });
    if (answer.status !== 202) throw new Refused(await sentence(answer));
  }

  /**
   * Answers that mean the same for every request become errors. 404 and 409 are
   * left to who asked.
   * @param {string} path @param {RequestInit} request
   */
  async request(path, request) {
    const answer = await this.ask(path, request).catch(() => null);
    if (answer?.status === FULL) throw new Refused(await sentence(answer));
    if (!answer || answer.status >= 500) throw new Later();
    if (answer.status === 401) throw new SignedOut();
    if (answer.status === 429) throw new Later(Number(answer.headers.get("Retry-After")));
    if (answer.ok || answer.status === 404 || answer.status === 409) return answer;
    throw new Refused(await sentence(answer));
  }
}

/** @param {string} id */
function address(id) {
  return `/api/v1/uploads/${id}`;
}

/**
 * The job that an upload becomes, alone or with others.
 * @param {PendingUpload} record @param {PendingUpload[]} records
 */
function jobOf({ id, job }, records) {
  return job ?? records.find(({ then }) => then?.files.includes(id))?.then?.job;
}

/** @param {PendingUpload} record */
function completion({ name, size, sha256, convert, options, job }) {
  return { name, size, sha256, convert, ...(convert && { options, job }) };
}

/** @param {Response} answer @param {number} otherwise */
function offsetOf(answer, otherwise) {
  const text = answer.headers.get("Upload-Offset");
  return text === null ? otherwise : Number(text);
}

/**
 * Where a refused piece should have begun; without that, it is refused for good.
 * @param {Response} answer
 */
async function elsewhere(answer) {
  if (answer.status === 404) return 0;
  if (answer.headers.get("Upload-Offset") === null) throw new Refused(await sentence(answer));
  return offsetOf(answer, 0);
}

/** @param {Response} answer */
async function sentence(answer) {
  const problem = await answer.json().catch(() => ({}));
  return problemSentence(answer.status, problem.detail, null);
}

// What this tab sends: uploads, one after the other, each with its bar.
import { announce } from "./announce.js";
import { unreadable } from "./chosen-files.js";
import { isOffline, SERVER_GONE } from "./connection.js";
import { bytes, duration } from "./format.js";
import { showPage } from "./fragment.js";
import { askToKeep } from "./keep.js";
import { canKeep, keepHere } from "./offline-upload.js";
import { serverAnswers } from "./patience.js";
import { fetchAnew } from "./place.js";
import { write } from "./progress.js";
import { Speed } from "./speed.js";
import { problemSentence } from "../both/upload-problem.js";
import { part, show } from "./upload-row.js";
import { uuidv7 } from "./uuid.js";

/**
 * What is to become of files, as the form says when they are chosen.
 * @typedef {{ convert: boolean, options: { merge?: boolean }, limit: number, limits: object }} Plan
 */

/**
 * Files that go up in one request.
 * @typedef {Plan & { id: string, files: Chosen[], row: HTMLElement, request: XMLHttpRequest | null }} Upload
 */

export class UploadQueue {
  constructor() {
    /** Those that wait; the first one is under way. @type {Upload[]} */
    this.uploads = [];
    /** How many have failed. */
    this.failed = 0;
  }

  /** Whether anything would be lost with the page: what the server shows already would not. */
  get busy() {
    return !this.uploads.every(isThere);
  }

  /** What is being sent, and how often that could not be done. */
  report() {
    const uploads = this.uploads.map(({ id, files, row }) => ({ id, name: files[0].path, size: total(files), sent: sentOf(row) }));
    return { uploads, failed: this.failed };
  }

  /** Nothing is sent any more, and nothing keeps the page from being left. */
  giveUp() {
    for (const { request } of this.uploads.splice(0)) request?.abort();
  }

  /** @param {Upload} upload */
  enqueue(upload) {
    const { row } = upload;
    row.dataset.state = "queued";
    write(row, "state", "waiting");
    show(row, "problem", "");
    part(row, "again").hidden = true;
    part(row, "again").onclick = () => this.enqueue(upload);
    part(row, "cancel").onclick = () => this.drop(upload);
    this.uploads.push(upload);
    if (this.uploads.length === 1) this.send(upload);
  }

  /** @param {Upload} upload */
  drop(upload) {
    upload.request?.abort();
    upload.row.remove();
    this.finish(upload);
  }

  /** @param {Upload} upload */
  finish(upload) {
    const at = this.uploads.indexOf(upload);
    if (at < 0) return;
    this.uploads.splice(at, 1);
    if (at === 0 && this.uploads.length > 0) this.send(this.uploads[0]);
  }

  /** @param {Upload} upload */
  send(upload) {
    const { row, files, limit } = upload;
    if (limit > 0 && total(files) > limit) return this.fail(upload, 413, `This server takes at most ${bytes(limit)} at once.`);
    if (isOffline() && canKeep()) return this.unreached(upload);
    row.dataset.state = "running";
    write(row, "state", "uploading");
    const request = new XMLHttpRequest();
    upload.request = request;
    const speed = new Speed();
    request.upload.onprogress = (event) => showSent(row, event.loaded, event.total, speed);
    request.onload = () => (request.status === 201 ? this.succeed(upload) : this.refused(upload, request));
    request.onerror = () => this.unreached(upload);
    this.endWhenGone(upload, request);
    request.open("POST", `/api/v1/files${upload.convert ? "?convert=1" : ""}`);
    request.responseType = "json";
    request.send(body(upload.id, upload.options, files));
  }

  /**
   * A browser may take long to notice that nobody reads what it sends.
   * @param {Upload} upload @param {XMLHttpRequest} request
   */
  endWhenGone(upload, request) {
    const gone = async () => {
      if ((await serverAnswers()) || request.readyState === XMLHttpRequest.DONE || upload.request !== request) return;
      request.abort();
      this.unreached(upload);
    };
    document.addEventListener(SERVER_GONE, gone);
    request.onloadend = () => document.removeEventListener(SERVER_GONE, gone);
  }

  /**
   * The server cannot be reached: where the browser can, it keeps the files, does
   * the work itself and sends them later. What cannot be read ends a request in the
   * same way, and says nothing of the network.
   * @param {Upload} upload
   */
  async unreached(upload) {
    if (isThere(upload)) return this.succeed(upload); // only the answer was lost
    write(upload.row, "state", "reading"); // "waiting" says that it is kept
    const lost = await unreadable(upload.files);
    if (lost) return this.fail(upload, 0, `${lost.path} cannot be read: it was moved, renamed or changed since it was chosen. Choose it once more.`);
    const problem = canKeep() ? await keepHere(upload) : problemSentence(0, undefined, null);
    if (problem) this.fail(upload, 0, problem);
    else this.finish(upload);
  }

  /**
   * The job's own row, or the file's, comes over the live channel, where there is one.
   * @param {Upload} upload
   */
  succeed(upload) {
    askToKeep();
    upload.row.remove();
    this.finish(upload);
    if (isOffline() && this.uploads.length === 0) refresh().catch(() => {}); // it comes when the server is back
  }

  /** @param {Upload} upload @param {XMLHttpRequest} request */
  refused(upload, request) {
    const wait = request.getResponseHeader("Retry-After");
    this.fail(upload, request.status, problemSentence(request.status, request.response?.detail, wait));
  }

  /**
   * The file stays chosen: it can be tried again, as the same upload.
   * @param {Upload} upload @param {number} status of HTTP @param {string} sentence
   */
  fail(upload, status, sentence) {
    const { row } = upload;
    // Another file has this id already, so the next try needs its own.
    if (status === 409) upload.id = uuidv7();
    this.failed++;
    showFailure(row, sentence);
    part(row, "again").hidden = false;
    this.finish(upload);
  }
}

/** @param {HTMLElement} row */
function sentOf(row) {
  const bar = part(row, "bar");
  return bar instanceof HTMLProgressElement && bar.position > 0 ? bar.value : 0;
}

/** @param {Chosen[]} files */
export function total(files) {
  return files.reduce((sum, { file }) => sum + file.size, 0);
}

/**
 * Whether the server has taken an upload, as the file's row tells, which can come before
 * the answer.
 * @param {Upload} upload
 */
function isThere({ id }) {
  return document.getElementById(`file-${id}`) !== null;
}

/**
 * Id and options come first, so that the server knows them when bytes arrive.
 * @param {string} id @param {object} options @param {Chosen[]} files
 */
function body(id, options, files) {
  const fields = new FormData();
  fields.append("id", id);
  fields.append("options", JSON.stringify(options));
  for (const { file, path } of files) fields.append("file", file, path);
  return fields;
}

/** @param {HTMLElement} row @param {number} sent @param {number} all @param {Speed} speed */
function showSent(row, sent, all, speed) {
  speed.add(sent, performance.now());
  const bar = part(row, "bar");
  if (bar instanceof HTMLProgressElement) {
    bar.max = all;
    bar.value = sent;
  }
  const perSecond = speed.perSecond();
  write(row, "count", sent < all ? `${bytes(sent)} of ${bytes(all)}` : "all sent, the server is checking it");
  write(row, "rate", sent < all && perSecond > 0 ? `${bytes(Math.round(perSecond))}/s` : "");
  write(row, "left", sent < all && perSecond > 0 ? `${duration(Math.max(1, (all - sent) / perSecond))} left` : "");
}

/** Shows what the server has, where that answers and the live channel does not. */
async function refresh() {
  const page = await fetchAnew();
  if (page) showPage(page);
}

/** @param {HTMLElement} row @param {string} sentence */
export function showFailure(row, sentence) {
  row.dataset.state = "failed";
  write(row, "state", "failed");
  for (const figure of ["count", "rate", "left"]) write(row, figure, "");
  show(row, "problem", sentence);
  announce(sentence);
}

// Uploads: dropped anywhere or chosen, one after the other, each with its bar.
import { announce } from "./announce.js";
import { isOffline, SERVER_GONE } from "./connection.js";
import { whenEnded } from "./ended.js";
import { bytes, duration } from "./format.js";
import { parsePage, showPage } from "./fragment.js";
import { askToKeep } from "./keep.js";
import { canKeep, keepHere, startPending } from "./offline-upload.js";
import { serverAnswers } from "./patience.js";
import { write } from "./progress.js";
import { Speed } from "./speed.js";
import { problemSentence } from "./upload-problem.js";
import { part, show } from "./upload-row.js";
import { uuidv7 } from "./uuid.js";

/**
 * Files that go up in one request.
 * @typedef {{ id: string, files: File[], convert: boolean, options: object, row: HTMLElement,
 *   limit: number, limits: object, request: XMLHttpRequest | null }} Upload
 */

/** @type {Upload[]} uploads that wait; the first one is under way */
const queue = [];

/** How many uploads have failed. */
let failed = 0;

/** What this tab is sending, and how often it could not. */
export function uploadsHere() {
  const uploads = queue.map(({ id, files, row }) => ({ id, name: files[0].name, size: total(files), sent: sentOf(row) }));
  return { uploads, failed };
}

/** @param {HTMLElement} row */
function sentOf(row) {
  const bar = part(row, "bar");
  return bar instanceof HTMLProgressElement && bar.position > 0 ? bar.value : 0;
}

// One page follows another in the same document, so the form is looked for when
// it is needed; what is under way goes on while another page is shown.
export function startUploads() {
  document.addEventListener("change", ({ target }) => {
    const form = findForm();
    if (!form || !(target instanceof HTMLInputElement) || target.name !== "file" || target.form !== form) return;
    add(form, [...(target.files ?? [])]);
    target.value = "";
  });
  document.addEventListener("submit", (event) => {
    if (event.target === findForm()) event.preventDefault();
  });
  startDrop();
  startPending((name, size) => newRow(name, size));
  addEventListener("beforeunload", (event) => {
    if (queue.length > 0) event.preventDefault();
  });
  whenEnded(giveUp);
}

/** Nothing is sent any more, and nothing keeps the page from being left. */
function giveUp() {
  for (const { request } of queue.splice(0)) request?.abort();
}

/** @returns {HTMLFormElement | null} */
function findForm() {
  const form = document.getElementById("upload");
  return form instanceof HTMLFormElement ? form : null;
}

function startDrop() {
  let depth = 0;
  const carriesFiles = (/** @type {DragEvent} */ e) => findForm() && e.dataTransfer?.types.includes("Files");
  const mark = (/** @type {number} */ d) => {
    depth = Math.max(0, d);
    document.body.classList.toggle("dropping", depth > 0);
  };
  addEventListener("dragenter", (e) => carriesFiles(e) && mark(depth + 1));
  addEventListener("dragleave", (e) => carriesFiles(e) && mark(depth - 1));
  addEventListener("dragover", (e) => carriesFiles(e) && e.preventDefault());
  addEventListener("drop", (e) => {
    const form = findForm();
    if (!form || !carriesFiles(e)) return;
    e.preventDefault();
    mark(0);
    add(form, [...(e.dataTransfer?.files ?? [])]);
  });
}

/**
 * Files that merge by group must be one job, and so one request.
 * @param {HTMLFormElement} form @param {File[]} files
 */
function add(form, files) {
  if (files.length === 0) return;
  const { convert, options } = readOptions(form);
  const parts = options.merge ? [files] : files.map((f) => [f]);
  for (const part of parts) {
    const row = addRow(part);
    if (!row) return;
    const limits = JSON.parse(form.dataset.limits ?? "{}");
    enqueue({ id: uuidv7(), files: part, convert, options, row, limit: Number(form.dataset.limit), limits, request: null });
  }
}

/** @param {HTMLFormElement} form */
function readOptions(form) {
  const fields = new FormData(form);
  const record = String(fields.get("record") ?? "").trim();
  const repeat = Number(fields.get("max_repeat"));
  return {
    convert: fields.get("convert") === "1",
    options: {
      merge: fields.get("merge") === "1",
      keep_partial: fields.get("keep_partial") === "1",
      ...(record && { record }),
      ...(repeat > 0 && { max_repeat: repeat }),
    },
  };
}

/** @param {File[]} files @returns {HTMLElement | null} */
function addRow(files) {
  const rest = files.length - 1;
  return newRow(rest > 0 ? `${files[0].name} and ${rest} more` : files[0].name, total(files));
}

/** @param {string} name @param {number} size @returns {HTMLElement | null} */
function newRow(name, size) {
  const template = document.getElementById("upload-row");
  const list = document.getElementById("uploads");
  if (!(template instanceof HTMLTemplateElement) || !list) return null;
  const row = template.content.firstElementChild?.cloneNode(true);
  if (!(row instanceof HTMLElement)) return null;
  write(row, "name", name);
  write(row, "size", bytes(size));
  list.append(row);
  return row;
}

/** @param {File[]} files */
function total(files) {
  return files.reduce((sum, f) => sum + f.size, 0);
}

/** @param {Upload} upload */
function enqueue(upload) {
  const { row } = upload;
  row.dataset.state = "queued";
  write(row, "state", "waiting");
  show(row, "problem", "");
  part(row, "again").hidden = true;
  part(row, "again").onclick = () => enqueue(upload);
  part(row, "cancel").onclick = () => drop(upload);
  queue.push(upload);
  if (queue.length === 1) send(upload);
}

/** @param {Upload} upload */
function drop(upload) {
  upload.request?.abort();
  upload.row.remove();
  finish(upload);
}

/** @param {Upload} upload */
function finish(upload) {
  const at = queue.indexOf(upload);
  if (at < 0) return;
  queue.splice(at, 1);
  if (at === 0 && queue.length > 0) send(queue[0]);
}

/** @param {Upload} upload */
function send(upload) {
  const { row, files, limit } = upload;
  if (limit > 0 && total(files) > limit) return fail(upload, 413, `This server takes at most ${bytes(limit)} at once.`);
  if (isOffline() && canKeep()) return unreached(upload);
  row.dataset.state = "running";
  write(row, "state", "uploading");
  const request = new XMLHttpRequest();
  upload.request = request;
  const speed = new Speed();
  request.upload.onprogress = (event) => showSent(row, event.loaded, event.total, speed);
  request.onload = () => (request.status === 201 ? succeed(upload) : refused(upload, request));
  request.onerror = () => unreached(upload);
  // A browser may take long to notice that nobody reads what it sends.
  const gone = async () => {
    if ((await serverAnswers()) || request.readyState === XMLHttpRequest.DONE || upload.request !== request) return;
    request.abort();
    unreached(upload);
  };
  document.addEventListener(SERVER_GONE, gone);
  request.onloadend = () => document.removeEventListener(SERVER_GONE, gone);
  request.open("POST", `/api/v1/files${upload.convert ? "?convert=1" : ""}`);
  request.responseType = "json";
  request.send(body(upload.id, upload.options, files));
}

/**
 * The server cannot be reached: where the browser can, it keeps the files, does
 * the work itself and sends them later.
 * @param {Upload} upload
 */
async function unreached(upload) {
  const problem = canKeep() ? await keepHere(upload) : problemSentence(0, undefined, null);
  if (problem) fail(upload, 0, problem);
  else finish(upload);
}

/**
 * Id and options come first, so that the server knows them when bytes arrive.
 * @param {string} id @param {object} options @param {File[]} files
 */
function body(id, options, files) {
  const fields = new FormData();
  fields.append("id", id);
  fields.append("options", JSON.stringify(options));
  for (const file of files) fields.append("file", file, file.name);
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

/**
 * The job's own row, or the file's, comes over the live channel, where there is one.
 * @param {Upload} upload
 */
function succeed(upload) {
  askToKeep();
  upload.row.remove();
  finish(upload);
  if (isOffline() && queue.length === 0) refresh().catch(() => {}); // it comes when the server is back
}

/** Shows what the server has, where that answers and the live channel does not. */
async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (answer.ok && !answer.redirected) showPage(parsePage(await answer.text()));
}

/** @param {Upload} upload @param {XMLHttpRequest} request */
function refused(upload, request) {
  const wait = request.getResponseHeader("Retry-After");
  fail(upload, request.status, problemSentence(request.status, request.response?.detail, wait));
}

/**
 * The file stays chosen: it can be tried again, as the same upload.
 * @param {Upload} upload @param {number} status of HTTP @param {string} sentence
 */
function fail(upload, status, sentence) {
  const { row } = upload;
  // Another file has this id already, so the next try needs its own.
  if (status === 409) upload.id = uuidv7();
  failed++;
  row.dataset.state = "failed";
  write(row, "state", "failed");
  for (const figure of ["count", "rate", "left"]) write(row, figure, "");
  show(row, "problem", sentence);
  part(row, "again").hidden = false;
  announce(sentence);
  finish(upload);
}

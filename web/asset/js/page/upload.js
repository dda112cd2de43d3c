// Uploads: dropped anywhere or chosen, one after the other, each with its bar.
import { announce } from "./announce.js";
import { chosenFiles, chosenFolder, dropped, unreadable } from "./chosen-files.js";
import { isOffline, SERVER_GONE } from "./connection.js";
import { whenEnded } from "./ended.js";
import { bytes, count, duration } from "./format.js";
import { parsePage, showPage } from "./fragment.js";
import { askToKeep } from "./keep.js";
import { chooseRecipe, isRecipe, readOptions } from "./options.js";
import { canKeep, keepHere, startPending } from "./offline-upload.js";
import { serverAnswers } from "./patience.js";
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

/** @type {Upload[]} uploads that wait; the first one is under way */
const queue = [];

/** How many uploads have failed. */
let failed = 0;

/** What this tab is sending, and how often it could not. */
export function uploadsHere() {
  const uploads = queue.map(({ id, files, row }) => ({ id, name: files[0].path, size: total(files), sent: sentOf(row) }));
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
    if (form && isRecipe(target) && target.form === form) takeRecipe(target);
    if (!form || isRecipe(target) || !(target instanceof HTMLInputElement) || target.type !== "file" || target.form !== form) return;
    const files = [...(target.files ?? [])];
    if (!target.webkitdirectory) add(readPlan(form), chosenFiles(files));
    else if (files.length > 0) addFolder(readPlan(form), chosenFolder(files));
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
    if (!form || !e.dataTransfer || !carriesFiles(e)) return;
    e.preventDefault();
    mark(0);
    const { files, folders } = dropped(e.dataTransfer);
    const plan = readPlan(form);
    add(plan, files);
    for (const folder of folders) addFolder(plan, folder);
  });
}

/**
 * Files that merge by group must be one job, and so one request.
 * @param {Plan} plan @param {Chosen[]} files
 */
function add(plan, files) {
  if (files.length === 0) return;
  for (const part of plan.options.merge ? [files] : files.map((f) => [f])) addUpload(plan, part, nameOf(part));
}

/** @param {Plan} plan @param {Chosen[]} files @param {string} name */
function addUpload(plan, files, name) {
  const row = newRow(name, total(files));
  if (row) enqueue({ ...plan, id: uuidv7(), files, row, request: null });
}

/** How many files of a folder go up in one request, unless they are merged. */
const MOST_TOGETHER = 1000;

/**
 * The files of a folder go up together, as many as the server takes at once.
 * @param {Plan} plan @param {ChosenFolder} folder
 */
async function addFolder(plan, folder) {
  const row = newRow(folder.name, 0);
  if (!row) return;
  let wanted = true;
  row.dataset.state = "queued";
  write(row, "state", "reading");
  write(row, "size", "");
  part(row, "cancel").onclick = () => {
    wanted = false;
    row.remove();
  };
  const problem = await folder.files.then(
    (files) => (wanted ? addFilesOf(folder.name, plan, files) : ""),
    () => "This folder could not be read, and nothing of it was sent. Drop it once more, or choose its files.",
  );
  if (problem) showFailure(row, problem);
  else row.remove();
}

/** @param {string} folder @param {Plan} plan @param {Chosen[]} files @returns {string} why there is nothing to send */
function addFilesOf(folder, plan, files) {
  if (files.length === 0) return "There is no file in this folder.";
  for (const part of plan.options.merge ? [files] : portions(files, plan.limit)) addUpload(plan, part, `${folder}: ${count(part.length)} ${part.length === 1 ? "file" : "files"}`);
  return "";
}

/**
 * @param {Chosen[]} files @param {number} limit in bytes, or 0 for none
 * @returns {Chosen[][]} in their order, each as large as it may be
 */
function portions(files, limit) {
  /** @type {Chosen[][]} */
  const parts = [];
  let size = 0;
  for (const one of files) {
    const last = parts.at(-1);
    size += one.file.size;
    if (last && last.length < MOST_TOGETHER && !(limit > 0 && size > limit)) last.push(one);
    else {
      parts.push([one]);
      size = one.file.size;
    }
  }
  return parts;
}

/** @param {HTMLFormElement} form @returns {Plan} */
function readPlan(form) {
  const convert = new FormData(form).get("convert") === "1";
  return { convert, options: readOptions(form), limit: Number(form.dataset.limit), limits: JSON.parse(form.dataset.limits ?? "{}") };
}

/** @param {HTMLInputElement} field */
async function takeRecipe(field) {
  const sentence = await chooseRecipe(field);
  const hint = field.form?.querySelector("[data-recipe-hint]");
  if (!hint || !sentence) return;
  hint.textContent = sentence;
  announce(sentence);
}

/** @param {Chosen[]} files */
function nameOf(files) {
  const rest = files.length - 1;
  return rest > 0 ? `${files[0].path} and ${count(rest)} more` : files[0].path;
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

/** @param {Chosen[]} files */
function total(files) {
  return files.reduce((sum, { file }) => sum + file.size, 0);
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
 * the work itself and sends them later. What cannot be read ends a request in the
 * same way, and says nothing of the network.
 * @param {Upload} upload
 */
async function unreached(upload) {
  write(upload.row, "state", "reading"); // "waiting" says that it is kept
  const lost = await unreadable(upload.files);
  if (lost) return fail(upload, 0, `${lost.path} cannot be read: it was moved, renamed or changed since it was chosen. Choose it once more.`);
  const problem = canKeep() ? await keepHere(upload) : problemSentence(0, undefined, null);
  if (problem) fail(upload, 0, problem);
  else finish(upload);
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
  showFailure(row, sentence);
  part(row, "again").hidden = false;
  finish(upload);
}

/** @param {HTMLElement} row @param {string} sentence */
function showFailure(row, sentence) {
  row.dataset.state = "failed";
  write(row, "state", "failed");
  for (const figure of ["count", "rate", "left"]) write(row, figure, "");
  show(row, "problem", sentence);
  announce(sentence);
}

// Files to upload: dropped anywhere or chosen, and what is to become of them.
import { announce } from "./announce.js";
import { chosenFiles, chosenFolder, dropped } from "./chosen-files.js";
import { whenEnded } from "./ended.js";
import { bytes, count } from "./format.js";
import { chooseRecipe, isRecipe, readOptions } from "./options.js";
import { startPending } from "./offline-upload.js";
import { write } from "./progress.js";
import { showFailure, total, UploadQueue } from "./upload-queue.js";
import { part } from "./upload-row.js";
import { uuidv7 } from "./uuid.js";

/** @typedef {import("./upload-queue.js").Plan} Plan */

/** What this tab sends. */
export const sending = new UploadQueue();

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
    if (sending.busy) event.preventDefault();
  });
  whenEnded(() => sending.giveUp());
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
  if (row) sending.enqueue({ ...plan, id: uuidv7(), files, row, request: null });
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

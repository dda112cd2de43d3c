// Uploads without a network: a worker keeps the files and converts them, the
// tables can be downloaded at once, and the worker that leads sends the files when
// the server can be reached again.
import { announce } from "./announce.js";
import { Channel } from "../both/channel.js";
import { isOffline, SERVER_BACK, SERVER_GONE } from "./connection.js";
import { whenEnded } from "./ended.js";
import { moduleURL } from "../both/engine-module.js";
import { bytes, count } from "./format.js";
import { countText, write } from "./progress.js";
import { drop, order, prepareIfAway, startSpareWorker, takeConverter } from "./spare-worker.js";
import { removeConversion } from "../both/conversion-store.js";
import { removeUpload } from "../both/upload-store.js";
import { part, show } from "./upload-row.js";
import { uuidv7 } from "./uuid.js";

/** What this page knows of files that wait for the network, and does for them. */
class KeptUploads {
  constructor() {
    /** What the workers say to all tabs, and hear from them. @type {Channel | null} */
    this.channel = null;
    /** Rows of files that wait, by upload. @type {Map<string, HTMLElement>} */
    this.rows = new Map();
    /** Conversions under way in this tab. @type {Set<Worker>} */
    this.converting = new Set();
    /** The rows of those. @type {Set<HTMLElement>} */
    this.keeping = new Set();
    /** The uploads of those, whose rows say more than the others. @type {Set<string>} */
    this.mine = new Set();
  }

  /** @param {import("../both/channel.js").Question} question */
  say(question) {
    this.channel?.say(question);
  }

  endConversions() {
    drop();
    for (const worker of this.converting) worker.terminate();
    this.converting.clear();
  }

  /**
   * The worker that leads gives up what it is sending; without one the files go all
   * the same.
   * @param {string} id
   */
  giveUp(id) {
    this.rows.delete(id);
    this.say({ type: "give-up", upload: id });
    removeUpload(id).catch(() => {}); // the worker that leads sweeps it away
  }

  /** A row goes with the last of its files. @param {string} id @param {HTMLElement} row */
  letGo(id, row) {
    this.rows.delete(id);
    if (![...this.rows.values()].includes(row)) row.remove();
  }
}

const kept = new KeptUploads();

/** The uploads whose files are being kept by this tab. */
export function keepingHere() {
  return [...kept.mine];
}

/** Whether this browser can keep files and convert them. */
export function canKeep() {
  return moduleURL !== "" && "Worker" in window && "locks" in navigator && Boolean(navigator.storage?.getDirectory);
}

/** @param {(name: string, size: number) => HTMLElement | null} addRow */
export function startPending(addRow) {
  if (!canKeep() || !("BroadcastChannel" in window)) return;
  listen(addRow);
  startSpareWorker();
  document.addEventListener(SERVER_BACK, showConnected);
  document.addEventListener(SERVER_GONE, showConnected);
  whenEnded(() => kept.endConversions());
  new MutationObserver(hideListed).observe(document.body, { childList: true, subtree: true });
  // An open channel would keep the page out of the back-forward cache.
  addEventListener("pagehide", () => kept.channel?.close());
  addEventListener("pageshow", (event) => event.persisted && listen(addRow));
}

/** @param {(name: string, size: number) => HTMLElement | null} addRow */
function listen(addRow) {
  kept.channel = new Channel((message) => {
    if (message.type === "uploads") showPending(message.report, addRow);
    if (message.type === "erase") kept.endConversions();
  });
  kept.say({ type: "pending" });
}

/**
 * A file that waits is shown as its job, where that is listed, and not twice; but
 * what could not be converted here only its own row says. Once it goes up, how far
 * that is shows beside the job.
 */
function hideListed() {
  for (const row of kept.rows.values()) {
    const { job, state } = row.dataset;
    const listed = document.getElementById(`job-${job}`) !== null;
    row.hidden = listed && state === "queued" && !row.querySelector(".kept-tables .wrong-text");
  }
}

/**
 * Keeps and converts files.
 * @param {{ id: string, files: Chosen[], convert: boolean, options: object, limits: object, row: HTMLElement }} upload
 * @returns {Promise<string>} why it was not kept, or "" if it was or was given up
 */
export function keepHere({ id, files, convert, options, limits, row }) {
  const ids = [id, ...files.slice(1).map(() => uuidv7())];
  const job = uuidv7();
  const worker = takeConverter();
  kept.converting.add(worker);
  for (const one of ids) kept.mine.add(one);
  row.dataset.state = "running";
  write(row, "state", convert ? "converting" : "keeping");
  write(row, "count", keepingWords());
  kept.keeping.add(row);
  return new Promise((resolve) => {
    const end = (/** @type {string} */ problem) => {
      worker.terminate();
      kept.converting.delete(worker);
      kept.keeping.delete(row);
      prepareIfAway();
      for (const one of ids) kept.mine.delete(one);
      kept.say({ type: "pending" });
      resolve(problem);
    };
    part(row, "cancel").onclick = () => {
      end("");
      row.remove();
      for (const one of ids) kept.giveUp(one);
      removeConversion(job).catch(() => {}); // the worker that leads sweeps it away
    };
    worker.onerror = (event) => {
      event.preventDefault();
      end("This browser cannot convert here. Try again when the server can be reached.");
    };
    worker.onmessage = (/** @type {MessageEvent<import("../both/channel.js").ToOrderer>} */ { data }) => {
      switch (data.type) {
        case "progress":
          return showConverting(row, data.progress);
        case "finished":
          return addFinished(row, data.finished);
        case "failed":
          show(row, "problem", data.problem);
          if (data.kept) return;
          row.querySelector(".kept-tables")?.remove(); // nothing was kept of them
          return end(data.problem);
        case "kept":
          for (const one of ids) kept.rows.set(one, row);
          if (convert) row.dataset.job = job;
          showWaiting(row, ids);
          return end("");
      }
    };
    order(worker, { type: "convert", order: { ids, files, job, convert, options, limits } });
  });
}

/** @param {HTMLElement} row @param {ConversionProgress} p */
function showConverting(row, p) {
  const bar = part(row, "bar");
  if (bar instanceof HTMLProgressElement && p.TotalBytes > 0) {
    bar.max = p.TotalBytes;
    bar.value = p.Bytes;
  }
  write(row, "count", countText({ done: p.Done, total: p.Total, unit: "files", bytes_done: p.Bytes, bytes_total: p.TotalBytes }));
}

/** @param {HTMLElement} row @param {string[]} ids */
function showWaiting(row, ids) {
  row.dataset.state = "queued";
  write(row, "state", "waiting");
  showWhen(row);
  announce("The file is kept in this browser and goes up when the server can be reached.");
  part(row, "cancel").onclick = () => {
    row.remove();
    for (const id of ids) kept.giveUp(id);
  };
}

/** @param {HTMLElement} row @param {string} id */
function showTriedAgain(row, id) {
  show(row, "problem", "");
  part(row, "again").hidden = true;
  part(row, "cancel").textContent = "Cancel";
  showWaiting(row, [id]);
}

/** Says when a file that is kept goes up. @param {HTMLElement} row */
function showWhen(row) {
  write(row, "count", isOffline() ? "kept in this browser, goes up when the server can be reached" : "kept in this browser, goes up in a moment");
}

/** Nothing is said of a network that is there, or not any more. */
function showConnected() {
  for (const row of new Set(kept.rows.values())) if (row.dataset.state === "queued") showWhen(row);
  for (const row of kept.keeping) write(row, "count", keepingWords());
}

function keepingWords() {
  return isOffline() ? "no network: keeping it in this browser" : "keeping it in this browser";
}

/**
 * Shows the tables of documents, and why others have none.
 * @param {HTMLElement} row @param {Finished} finished
 */
function addFinished(row, { files, tables }) {
  const failed = files.filter((f) => f.status === "failed");
  if (tables.length + failed.length === 0) return;
  let list = row.querySelector(".kept-tables");
  if (!list) {
    list = document.createElement("ul");
    list.className = "kept-tables";
    row.append(list);
  }
  for (const table of tables) if (list.childElementCount < MOST_SHOWN) list.append(tableItem(table));
  for (const file of failed) if (list.childElementCount < MOST_SHOWN) list.append(failureItem(file));
}

/** How many tables and failures a row lists; the page's lists have all. */
const MOST_SHOWN = 100;

/** @param {Finished["tables"][number]} table */
function tableItem(table) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `/api/v1/tables/${table.id}/content?format=csv`; // see save-table.js
  link.download = table.file.slice(table.file.lastIndexOf("/") + 1);
  link.textContent = table.file;
  const rowsText = document.createElement("span");
  rowsText.className = "quiet";
  rowsText.textContent = ` ${count(table.rows)} ${table.rows === 1 ? "row" : "rows"}`;
  item.append(link, rowsText);
  return item;
}

/** @param {Finished["files"][number]} file */
function failureItem(file) {
  const item = document.createElement("li");
  item.className = "wrong-text";
  item.textContent = failure(file);
  return item;
}

/** @param {Finished["files"][number]} file */
function failure({ path, error }) {
  const place = error?.line ? ` line ${error.line}, column ${error.column}:` : "";
  return `${path}${place} ${error?.message ?? "not converted"}`;
}

/**
 * All tabs show the files that wait, and let go of those that are up.
 * @param {UploadReport} report
 * @param {(name: string, size: number) => HTMLElement | null} addRow
 */
function showPending({ uploads }, addRow) {
  const waiting = new Set(uploads.map((u) => u.id));
  for (const [id, row] of kept.rows) if (!waiting.has(id)) kept.letGo(id, row);
  for (const upload of uploads) {
    if (kept.mine.has(upload.id)) continue;
    const row = kept.rows.get(upload.id) ?? addRow(upload.name, upload.size);
    if (!row) return;
    if (!kept.rows.has(upload.id)) {
      kept.rows.set(upload.id, row);
      if (upload.job) row.dataset.job = upload.job;
      showWaiting(row, [upload.id]);
    }
    showSending(row, upload);
  }
  hideListed();
}

/** @param {HTMLElement} row @param {UploadReport["uploads"][number]} upload */
function showSending(row, { id, sent, size, refused }) {
  const bar = part(row, "bar");
  if (!refused && row.dataset.state === "failed") showTriedAgain(row, id);
  if (refused) {
    row.dataset.state = "failed";
    write(row, "state", "refused");
    write(row, "count", "");
    show(row, "problem", refused);
    part(row, "cancel").textContent = "Give up";
    part(row, "again").hidden = false;
    part(row, "again").onclick = () => kept.say({ type: "try-again", upload: id });
  } else if (sent > 0 && bar instanceof HTMLProgressElement) {
    row.dataset.state = "running";
    write(row, "state", "uploading");
    bar.max = size;
    bar.value = sent;
    write(row, "count", `${bytes(sent)} of ${bytes(size)}`);
  }
}

// Downloads that the server cannot give: all while it is out of reach, and tables that
// this browser has converted and the server has not. The worker that leads writes
// tables, and answers of SQL, from its copy, and knows which ones the server has.
import { isOffline } from "./connection.js";
import { showRefusal } from "./rejections.js";

const TABLE = /^\/api\/v1\/tables\/[^/]+\/content$/;
const OTHERS = /^\/api\/v1\/(export|files\/[^/]+\/content)$/;

const ANSWER = "/query";

const notHere = "This can be downloaded when the server can be reached again. Tables one by one are in this browser.";
const notSaved = "An answer becomes a table on the server, which cannot be reached now. It can be downloaded as CSV meanwhile.";

/** @param {import("./replica.js").Replica | null} replica null where nothing can write them */
export function startSaving(replica) {
  if (!replica) return;
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[download]") : null;
    if (link instanceof HTMLAnchorElement && !event.defaultPrevented) take(event, new URL(link.href), replica);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
    const fields = new FormData(form, event.submitter);
    if (form.method === "get") {
      const url = new URL(form.getAttribute("action") ?? "", location.href);
      for (const [name, value] of fields) if (typeof value === "string") url.searchParams.append(name, value);
      take(event, url, replica);
    } else if (isOffline()) {
      takePost(event, fields, replica);
    }
  });
}

/**
 * What forms ask of a server that is not there.
 * @param {SubmitEvent} event @param {FormData} fields @param {import("./replica.js").Replica} replica
 */
function takePost(event, fields, replica) {
  const action = fields.get("action");
  if (action !== "download" && action !== "save-table") return;
  event.preventDefault();
  const sql = fields.get("sql");
  if (action === "save-table") showRefusal("save", notSaved);
  else if (typeof sql === "string") write(new URL(`${ANSWER}?${new URLSearchParams({ sql })}`, location.href), replica);
  else refuse(notHere);
}

/** @param {Event} event @param {URL} url @param {import("./replica.js").Replica} replica */
function take(event, url, replica) {
  if (url.origin !== location.origin || !(replica.live.relay || isOffline())) return;
  if (TABLE.test(url.pathname)) {
    event.preventDefault();
    write(url, replica);
  } else if (OTHERS.test(url.pathname) && isOffline()) {
    event.preventDefault();
    refuse(notHere);
  }
}

/** @param {URL} url @param {import("./replica.js").Replica} replica */
function write(url, replica) {
  save(url, replica).catch(() => refuse("The browser could not write this. Please try again."));
}

/** @param {URL} url @param {import("./replica.js").Replica} replica */
async function save(url, replica) {
  const answer = await replica.save(url.pathname + url.search);
  if (answer?.content) return hand(answer.content, answer.name);
  if (!isOffline()) return location.assign(url); // it is an attachment, so the page stays
  refuse(answer?.problem || "The copy in this browser does not answer. Try again in a moment.");
}

/** @param {Blob} content @param {string} name */
function hand(content, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), RELEASE_MS);
}

/** How long the browser may take to begin with a download. */
const RELEASE_MS = 60_000;

/** @param {string} detail */
function refuse(detail) {
  showRefusal("download", detail);
}

// Forms that stay on their page: while that follows the replica, what its outbox
// can take goes there. Anything else is sent as it is, and the page that the
// server answers with is shown in place, without losing scroll position or focus.
import { addressOf } from "./address.js";
import { confirmed } from "./dialog.js";
import { parsePage, problemOf, showPage } from "./fragment.js";
import { mutationOf } from "./mutation.js";
import { taken } from "./outbox.js";
import { markPlace } from "./place.js";
import { showRefusal } from "./rejections.js";
import { toast } from "./toast.js";

/** Forms whose question has been answered with yes. */
const answered = new WeakSet();

/** @param {import("./live.js").Live | null} live what follows the page, if anything does */
export function startForms(live) {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement)) return;
    const button = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
    if (button?.dataset.confirm && !answered.has(button)) {
      event.preventDefault();
      ask(form, button);
    } else if (button?.dataset.undo) {
      event.preventDefault();
      sendLater(form, button, live);
    } else if (form.hasAttribute("data-inline") && button?.value !== "download") {
      event.preventDefault();
      send(form, button, live).catch(() => form.submit());
    }
  });
}

/**
 * Deletes what is ticked when the toast that says so has gone; until then nothing is
 * asked of anybody, and what is ticked is only out of sight.
 * @param {HTMLFormElement} form @param {HTMLButtonElement} button
 * @param {import("./live.js").Live | null} live
 */
async function sendLater(form, button, live) {
  const fields = new FormData(form, button);
  const rows = [...form.querySelectorAll("tr:has(input:checked)")];
  if (rows.length === 0 && !fields.has("all")) return;
  const address = addressOf(form);
  leave(rows, true);
  form.reset();
  const became = await toast(button.dataset.undo ?? "");
  if (became === "left") return void navigator.sendBeacon(address, body(fields));
  if (became === "undone") return leave(rows, false);
  const done = await taken(fields).catch(() => false);
  if (!done && (await postAside(address, fields, form.isConnected ? live : null))) return;
  if (!done) leave(rows, false);
}

/** @param {Element[]} rows @param {boolean} leaving */
function leave(rows, leaving) {
  for (const row of rows) row.toggleAttribute("data-leaving", leaving);
}

/**
 * Does what a form asks, and shows what comes of it only where the form still stands.
 * @param {URL} address @param {FormData} fields @param {import("./live.js").Live | null} live
 */
async function postAside(address, fields, live) {
  if (live) return post(address, fields, live).then(() => true);
  const answer = await fetch(address, { method: "POST", body: body(fields) }).catch(() => null);
  if (!answer?.ok) showRefusal(mutationOf(fields)?.name ?? "table.delete", "The server cannot be reached. Try again when it can.");
  return answer?.ok ?? false;
}

/** @param {FormData} fields */
function body(fields) {
  const text = new URLSearchParams();
  for (const [name, value] of fields) if (typeof value === "string") text.append(name, value);
  return text;
}

/** @param {HTMLFormElement} form @param {HTMLButtonElement} button */
async function ask(form, button) {
  const { confirm, confirmDo } = button.dataset;
  if (!(await confirmed(confirm ?? "", confirmDo ?? button.textContent.trim()))) return;
  answered.add(button);
  form.requestSubmit(button);
  answered.delete(button);
}

/**
 * @param {HTMLFormElement} form @param {HTMLButtonElement | null} button
 * @param {import("./live.js").Live | null} live
 */
async function send(form, button, live) {
  const fields = new FormData(form, button);
  if (button) button.disabled = true;
  try {
    if (await taken(fields)) form.reset(); // what it was about may be gone, as selected tables are
    else if ((await post(addressOf(form), fields, live)) && form.hasAttribute("data-once")) form.reset(); // it is not asked for again
  } finally {
    if (button) button.disabled = false;
  }
}

/**
 * @param {URL} address @param {FormData} fields @param {import("./live.js").Live | null} live
 * @returns {Promise<boolean>} whether it was taken, and the page shows that
 */
async function post(address, fields, live) {
  const stillThere = markPlace();
  const refused = (/** @type {string} */ why) => showRefusal(mutationOf(fields)?.name ?? "other", why);
  const answer = await fetch(address, { method: "POST", body: body(fields) }).catch(() => null);
  if (!answer) {
    refused("The server cannot be reached. Try again when it can.");
    return false;
  }
  if (!stillThere()) {
    if (!answer.ok) refused(problemOf(parsePage(await answer.text())) ?? "");
    return answer.ok;
  }
  if (new URL(answer.url).pathname !== location.pathname) {
    location.assign(answer.url);
    return false;
  }
  const page = await notOlder(parsePage(await answer.text()), answer.url, live);
  if (!stillThere()) return answer.ok;
  showPage(page);
  const { epoch, cursor } = page.body.dataset;
  if (epoch) live?.moveTo(epoch, Number(cursor));
  return answer.ok;
}

/** How often a page is asked for again that is older than what is shown. */
const MOST_AGAIN = 3;

/**
 * The page, or a newer one: while it was on its way, more may have come over the
 * channel than it shows, which would be undone by it.
 * @param {Document} page @param {string} url where it came from
 * @param {import("./live.js").Live | null} live
 */
async function notOlder(page, url, live) {
  for (let again = 0; again < MOST_AGAIN && live?.isPast(page.body.dataset.epoch, Number(page.body.dataset.cursor)); again++) {
    page = parsePage(await (await fetch(url, { headers: { Accept: "text/html" } })).text());
  }
  return page;
}

// Forms that stay on their page: while that follows the replica, what its outbox
// can take goes there. Anything else is sent as it is, and the page that the
// server answers with is shown in place, without losing scroll position or focus.
import { addressOf } from "./address.js";
import { confirmed } from "./dialog.js";
import { parsePage, showPage } from "./fragment.js";
import { mutationOf } from "./mutation.js";
import { taken } from "./outbox.js";
import { showRefusal } from "./rejections.js";

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
    } else if (form.hasAttribute("data-inline") && button?.value !== "download") {
      event.preventDefault();
      send(form, button, live).catch(() => form.submit());
    }
  });
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
    else await post(addressOf(form), fields, live);
  } finally {
    if (button) button.disabled = false;
  }
}

/** @param {URL} address @param {FormData} fields @param {import("./live.js").Live | null} live */
async function post(address, fields, live) {
  const body = new URLSearchParams();
  for (const [name, value] of fields) if (typeof value === "string") body.append(name, value);
  const answer = await fetch(address, { method: "POST", body }).catch(() => null);
  if (!answer) return showRefusal(mutationOf(fields)?.name ?? "other", "The server cannot be reached. Try again when it can.");
  if (new URL(answer.url).pathname !== location.pathname) return location.assign(answer.url);
  const page = await notOlder(parsePage(await answer.text()), answer.url, live);
  showPage(page);
  const { epoch, cursor } = page.body.dataset;
  if (epoch) live?.moveTo(epoch, Number(cursor));
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

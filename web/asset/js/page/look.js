// "Look first": the preview follows the choices as they are made. Of several
// questions on their way only the newest is answered. Without this script the form's
// button looks again.
import { parsePage, showPage } from "./fragment.js";
import { markPlace } from "./place.js";

/** How long nobody has typed before the question is asked. */
const PAUSE_MS = 250;

/** Of the question that was asked last. */
let asked = new AbortController();

/** @type {ReturnType<typeof setTimeout> | undefined} */
let pause;

export function startLook() {
  document.addEventListener("input", ({ target }) => later(formOf(target), target));
  document.addEventListener("submit", (event) => {
    const form = formOf(event.target);
    const button = event.submitter instanceof HTMLButtonElement ? event.submitter : null;
    if (!form || event.defaultPrevented || (button?.name === "action" && button.value === "convert") || button?.hasAttribute("formaction")) return;
    event.preventDefault();
    ask(form, button);
  });
}

/** @param {EventTarget | null} target @returns {HTMLFormElement | null} the form of choices that it belongs to */
function formOf(target) {
  const form = target instanceof Element ? target.closest("form.look-form") : null;
  return form instanceof HTMLFormElement ? form : null;
}

/** @param {HTMLFormElement | null} form @param {EventTarget | null} field */
function later(form, field) {
  if (!form) return;
  const typed = field instanceof HTMLTextAreaElement || (field instanceof HTMLInputElement && !["checkbox", "radio"].includes(field.type));
  asked.abort();
  clearTimeout(pause);
  pause = setTimeout(() => ask(form, null), typed ? PAUSE_MS : 0);
}

/**
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement | null} button that was pressed; then what the server says of
 * the choices goes before what stands in the fields
 */
async function ask(form, button) {
  clearTimeout(pause);
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const stillThere = markPlace();
  const result = document.getElementById("look-result");
  result?.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(...requestOf(form, button, signal));
    const page = parsePage(await answer.text());
    if (signal.aborted || !stillThere()) return;
    show(answer, page, button ? form : null);
  } catch {
    if (!signal.aborted) sayGone();
  } finally {
    if (!signal.aborted) result?.removeAttribute("aria-busy");
  }
}

/**
 * @param {HTMLFormElement} form @param {HTMLButtonElement | null} button @param {AbortSignal} signal
 * @returns {[string, RequestInit]}
 */
function requestOf(form, button, signal) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form, button)) if (typeof value === "string" && value !== "") fields.append(name, value);
  const headers = { Accept: "text/html" };
  fields.delete("action");
  fields.set("action", "look");
  return [location.pathname, { method: "POST", body: fields, headers, signal }];
}

/**
 * @param {Response} answer @param {Document} page
 * @param {HTMLFormElement | null} form whose fields are to be as the server has them
 */
function show(answer, page, form) {
  const at = new URL(answer.url);
  const same = at.pathname === location.pathname && page.getElementById("look-result") !== null;
  if (!same) return location.assign(answer.url); // the session has ended, or the file is gone
  showPage(page);
  history.replaceState(null, "", page.body.dataset.address ?? at);
  form?.reset();
}

function sayGone() {
  const notice = document.getElementById("look-gone");
  if (notice) notice.hidden = false;
}

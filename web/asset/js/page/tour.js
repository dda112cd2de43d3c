// The tour of the workbench: one step after the other, beside what it speaks of. It begins
// again on each visit until a person ends it, which the server keeps for their account.
import { addressOf } from "./address.js";
import { PAGE_SHOWN } from "./swap.js";

/** The step that is shown, from 0. */
let at = 0;

/** Ended on this page: one that was drawn before may still have it. */
let ended = false;

export function startTour() {
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("#tour [data-tour]") : null;
    if (button instanceof HTMLElement) go(Number(button.dataset.tour));
  });
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement) || !event.target.closest("#tour")) return;
    event.preventDefault();
    end(event.target);
  });
  document.addEventListener("keydown", ({ key, target }) => {
    const form = key === "Escape" && target instanceof Element ? target.closest("#tour")?.querySelector("form") : null;
    if (form) end(form);
  });
  document.addEventListener(PAGE_SHOWN, show);
  show();
}

function show() {
  point("");
  if (ended) document.getElementById("tour")?.remove();
  else go(0);
}

/** @param {number} by steps */
function go(by) {
  const steps = [...document.querySelectorAll("#tour li")];
  if (steps.length === 0) return;
  at = Math.max(0, Math.min(at + by, steps.length - 1));
  for (const [i, step] of steps.entries()) step.toggleAttribute("data-now", i === at);
  const now = steps[at];
  if (now instanceof HTMLElement) point(by === 0 ? "" : (now.dataset.points ?? ""));
  turn('[data-tour="-1"]', at > 0);
  turn('[data-tour="1"]', at < steps.length - 1);
}

/**
 * A button that leads nowhere gives the focus to the one that ends the tour.
 * @param {string} selector @param {boolean} leads
 */
function turn(selector, leads) {
  const button = document.querySelector(`#tour ${selector}`);
  if (!(button instanceof HTMLButtonElement)) return;
  const focused = button === document.activeElement;
  button.disabled = !leads;
  const other = button.form?.querySelector("button[name]");
  if (!leads && focused && other instanceof HTMLElement) other.focus();
}

/** Marks what a step speaks of. @param {string} selector */
function point(selector) {
  for (const marked of document.querySelectorAll(".tour-points")) marked.classList.remove("tour-points");
  if (selector) document.querySelector(selector)?.classList.add("tour-points");
}

/** @param {HTMLFormElement} form */
function end(form) {
  const fields = new URLSearchParams({ action: form.querySelector("button[name]")?.getAttribute("value") ?? "" });
  fetch(addressOf(form), { method: "POST", body: fields, keepalive: true }).catch(() => {}); // without a server it comes again another day
  ended = true;
  point("");
  document.getElementById("tour")?.remove();
  document.getElementById("main")?.focus({ preventScroll: true });
}

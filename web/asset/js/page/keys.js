// Keyboard shortcuts; the list that people see is in web/page/shortcuts.go.
import { openDialog } from "./dialog.js";
import { go } from "./navigate.js";
import { turnTheme } from "./theme-choice.js";

/** @type {Record<string, string>} after "g" */
const places = { w: "/", j: "/jobs", s: "/search", a: "/account" };

/** @type {Record<string, () => void>} */
const single = {
  "?": () => openDialog("shortcuts"),
  "/": () => focusFirst("[data-find]:not(:disabled)"),
  u: chooseFiles,
  n: () => follow("next"),
  p: () => follow("prev"),
  t: turnTheme,
};

let afterG = 0;

export function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const place = Date.now() - afterG < 1500 ? places[event.key] : undefined;
    afterG = event.key === "g" ? Date.now() : 0;
    if (place) go(place);
    else if (single[event.key]) {
      event.preventDefault();
      single[event.key]();
    }
  });
}

/** @param {EventTarget | null} target */
function isTyping(target) {
  return target instanceof Element && target.closest("input:not([type=checkbox], [type=radio]), select, textarea, dialog[open]") !== null;
}

/** @param {string} selector */
function focusFirst(selector) {
  const field = document.querySelector(selector);
  if (field instanceof HTMLElement) field.focus();
}

function chooseFiles() {
  const input = document.querySelector('#upload input[type="file"]');
  if (input instanceof HTMLInputElement) input.click();
  else go("/");
}

/** @param {"next" | "prev"} page */
function follow(page) {
  const link = document.querySelector(`a[data-page="${page}"]`);
  if (link instanceof HTMLAnchorElement) link.click();
}

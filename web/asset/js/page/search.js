// Asks while a person types: what is found follows the words, and the newest question
// wins. Without this the form is sent as any other.
import { announce } from "./announce.js";
import { showPart } from "./navigate.js";

/** How long nothing is typed before it is asked: fingers are quicker than eyes. */
const PAUSE_MS = 60;

/** How long the rows of the question before stand as they were. */
const FADE_AFTER_MS = 300;

export function startSearch() {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  document.addEventListener("input", (event) => {
    const form = event.target instanceof HTMLInputElement ? event.target.closest("form[data-typing]") : null;
    if (!(form instanceof HTMLFormElement) || (event instanceof InputEvent && event.isComposing)) return;
    clearTimeout(pause);
    pause = setTimeout(() => ask(form), PAUSE_MS);
  });
  // A page that is asked for since is not given up for what was typed before.
  document.addEventListener("submit", () => clearTimeout(pause));
  document.addEventListener("click", (event) => event.target instanceof Element && event.target.closest("a[href]") && clearTimeout(pause));
}

/** @param {HTMLFormElement} form */
async function ask(form) {
  const url = new URL(form.getAttribute("action") ?? location.pathname, location.href);
  const question = new FormData(form).get("q");
  if (typeof question === "string" && question.trim() !== "") url.search = new URLSearchParams({ q: question, typing: "1" }).toString();
  const fade = setTimeout(() => document.getElementById("found")?.setAttribute("aria-busy", "true"), FADE_AFTER_MS);
  const found = await showPart(url, "found");
  clearTimeout(fade);
  if (found) announce(found.querySelector("p")?.textContent ?? "");
}

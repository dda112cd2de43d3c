// Says that a page is on its way which takes long, and lets the person give it up.

/** How long nothing is said: most pages are there by then. */
const SHOW_AFTER_MS = 400;

/** @typedef {"sort" | "filter" | "show"} Asked what a person asks for of what is shown */

/**
 * @param {Asked} asked @param {() => void} cancel
 * @returns {() => void} takes the words away
 */
export function showAsking(asked, cancel) {
  /** @type {HTMLElement | null} */
  let bar = null;
  const timer = setTimeout(() => (bar = draw(words[asked], cancel)), SHOW_AFTER_MS);
  return () => {
    clearTimeout(timer);
    if (bar?.contains(document.activeElement)) document.getElementById("main")?.focus({ preventScroll: true });
    bar?.remove();
  };
}

const words = { sort: "Sorting…", filter: "Filtering…", show: "Loading…" };

/** @param {string} text @param {() => void} cancel */
function draw(text, cancel) {
  const bar = document.createElement("section");
  bar.id = "asking";
  bar.className = "newer";
  bar.setAttribute("role", "status");
  bar.setAttribute("data-client", "");
  const said = document.createElement("p");
  said.textContent = text;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.textContent = "Cancel";
  button.addEventListener("click", cancel);
  bar.append(said, button);
  document.getElementById("asking")?.remove();
  document.querySelector("header.top")?.after(bar);
  return bar;
}

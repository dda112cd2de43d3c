// Marks the tables in a list whose rows are in this browser, and so there without a
// network. The worker knows; it is asked about the tables that are shown.

/** How long the page waits for more to ask about at once. */
const GATHER_MS = 100;

const words = {
  whole: "There without a network: all rows are in this browser",
  part: "There without a network in part: the rows that were looked at are in this browser",
};

/** Asks the worker; null while the page follows none. @type {((tables: string[]) => void) | null} */
let ask = null;

/** What the worker has said, by table. @type {Map<string, keyof words>} */
let kept = new Map();

/** The tables that it was asked about. @type {Set<string>} */
let asked = new Set();

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;

// Rows come and go, and are drawn anew, by several ways.
export function startKeptRows() {
  new MutationObserver(mark).observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ["hidden"] });
}

/**
 * The worker keeps other rows than before, or another worker leads, or none.
 * @param {((tables: string[]) => void) | null} send
 */
export function followKept(send) {
  ask = send;
  asked.clear();
  if (!send) kept.clear();
  mark();
}

/** @param {Record<string, keyof words>} tables of those that it was asked about */
export function hearKept(tables) {
  kept = new Map(Object.entries(tables));
  mark();
}

function mark() {
  for (const sign of document.querySelectorAll("[data-kept]")) {
    if (!(sign instanceof HTMLElement)) continue;
    const table = sign.dataset.kept ?? "";
    show(sign, kept.get(table));
    if (ask && !asked.has(table)) timer ??= setTimeout(askAll, GATHER_MS);
  }
}

/** @param {HTMLElement} sign @param {keyof words | undefined} state */
function show(sign, state) {
  if (sign.hidden === !state && sign.dataset.state === state) return;
  sign.hidden = !state;
  if (!state) return void delete sign.dataset.state;
  sign.dataset.state = state;
  sign.title = words[state];
  sign.querySelector(".unseen")?.replaceChildren(words[state]);
}

function askAll() {
  timer = undefined;
  const signs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-kept]")]);
  asked = new Set(signs.map((sign) => sign.dataset.kept ?? ""));
  if (asked.size > 0) ask?.([...asked]);
}

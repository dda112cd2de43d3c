// Toasts: a sentence at the foot of the page that says what will be done when it has gone,
// and lets a person take it back until then. They take no focus. A toast stays while the
// pointer or the focus is in it.

/** How long a toast stays. */
const STAYS_MS = 8000;

/** What each toast that is there does when it is taken back, the newest last. @type {(() => void)[]} */
const undoing = [];

export function startToasts() {
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof Element && event.target.closest("input:not([type=checkbox], [type=radio]), select, textarea, dialog[open]");
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || typing || undoing.length === 0) return;
    event.preventDefault();
    undoing.at(-1)?.();
  });
}

/**
 * Says that something will have been done.
 * @param {string} sentence
 * @returns {Promise<"gone" | "undone" | "left">} what has become of the toast; left: the page itself goes
 */
export function toast(sentence) {
  const { element, undo, dismiss } = draw(sentence);
  return new Promise((resolve) => {
    const over = new AbortController();
    const end = (/** @type {"gone" | "undone" | "left"} */ how) => {
      if (over.signal.aborted) return;
      over.abort();
      clearTimeout(timer);
      undoing.splice(undoing.indexOf(takeBack), 1);
      element.remove();
      resolve(how);
    };
    const takeBack = () => end("undone");
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    const wait = () => {
      clearTimeout(timer);
      if (!element.matches(":hover, :focus-within")) timer = setTimeout(() => end("gone"), STAYS_MS);
    };
    const options = { signal: over.signal };
    for (const event of ["pointerenter", "pointerleave", "focusin", "focusout"]) element.addEventListener(event, () => queueMicrotask(wait), options);
    undo.addEventListener("click", takeBack, options);
    dismiss.addEventListener("click", () => end("gone"), options);
    addEventListener("pagehide", () => end("left"), options);
    undoing.push(takeBack);
    wait();
  });
}

/** @param {string} sentence */
function draw(sentence) {
  const element = document.createElement("div");
  element.className = "toast";
  const text = document.createElement("p");
  text.textContent = sentence;
  const undo = button("Undo");
  const dismiss = button("Dismiss");
  dismiss.classList.add("quiet-button");
  element.append(text, undo, dismiss);
  place().append(element);
  return { element, undo, dismiss };
}

/** @param {string} label */
function button(label) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = "button small";
  element.textContent = label;
  return element;
}

/** Where toasts stand: what comes there is read out. */
function place() {
  const there = document.getElementById("toasts");
  if (there) return there;
  const section = document.createElement("section");
  section.id = "toasts";
  section.setAttribute("role", "status");
  section.setAttribute("aria-label", "What can be undone");
  document.getElementById("main")?.after(section);
  return section;
}

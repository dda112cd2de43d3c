// The editor of /query: names of tables and columns are completed, Ctrl+Enter runs the
// statement, and a statement that is wrong has its place selected.
import { announce } from "./announce.js";

/** How many names are offered at once. */
const MOST = 8;

/** The word before the cursor: letters of any script, digits, and what begins a name of ours. */
const WORD = /["@]?[\p{L}_][\p{L}\p{N}_.@]*$|"[^"\n]*$/u;

export function startQuery() {
  document.addEventListener("input", (event) => isEditor(event.target) && offer(event.target));
  document.addEventListener("keydown", (event) => isEditor(event.target) && press(event.target, event));
  document.addEventListener("focusout", (event) => isEditor(event.target) && close());
  const look = () => {
    const editor = document.getElementById("sql");
    if (isEditor(editor)) showWrong(editor);
  };
  look();
  new MutationObserver(look).observe(document.body, { childList: true }); // another page comes as another main
}

/** @param {EventTarget | null} at @returns {at is HTMLTextAreaElement} */
function isEditor(at) {
  return at instanceof HTMLTextAreaElement && at.id === "sql";
}

/** Selects what stands at the place of an error, once. @param {HTMLTextAreaElement} editor */
function showWrong(editor) {
  const { line, column } = editor.dataset;
  if (!line || !column || editor.dataset.shown) return;
  editor.dataset.shown = "1";
  const lines = editor.value.split("\n");
  const before = lines.slice(0, Number(line) - 1).reduce((n, text) => n + text.length + 1, 0);
  const text = lines[Number(line) - 1] ?? "";
  const begin = [...text].slice(0, Number(column) - 1).join("").length; // columns count characters
  const word = /^"[^"]*"|^[\p{L}\p{N}_]+|^./u.exec(text.slice(begin))?.[0].length ?? 0;
  editor.focus({ preventScroll: true });
  editor.setSelectionRange(before + begin, before + begin + word);
}

/** @param {HTMLTextAreaElement} editor @param {KeyboardEvent} event */
function press(editor, event) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    close();
    editor.form?.requestSubmit(editor.form.querySelector("button"));
    return;
  }
  const list = offered();
  if (!list) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") move(editor, list, event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Tab" || event.key === "Enter") take(editor, chosen(list));
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

/** Offers the names that begin with, or contain, the word before the cursor. @param {HTMLTextAreaElement} editor */
function offer(editor) {
  close();
  const word = wordBefore(editor);
  const bare = word.replace(/^"/, "").toLowerCase();
  if (bare.length < 1) return;
  const names = namesOnPage().filter((name) => name !== word);
  const plain = (/** @type {string} */ name) => name.replace(/^"/, "").toLowerCase();
  const fitting = [...names.filter((n) => plain(n).startsWith(bare)), ...names.filter((n) => plain(n).indexOf(bare) > 0 && bare.length > 1)];
  if (fitting.length > 0) show(editor, fitting.slice(0, MOST));
}

/** @returns {string[]} */
function namesOnPage() {
  return [...new Set([...document.querySelectorAll(".query-tables [data-name]")].map((at) => at.textContent ?? ""))];
}

/** @param {HTMLTextAreaElement} editor */
function wordBefore(editor) {
  return WORD.exec(editor.value.slice(0, editor.selectionStart))?.[0] ?? "";
}

/** @param {HTMLTextAreaElement} editor @param {string[]} names */
function show(editor, names) {
  const list = document.createElement("div");
  list.id = "query-names";
  list.className = "query-names";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Names");
  list.setAttribute("data-client", "");
  names.forEach((name, i) => {
    const option = document.createElement("div");
    option.id = `query-name-${i}`;
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", String(i === 0));
    option.textContent = name;
    option.addEventListener("mousedown", (event) => {
      event.preventDefault(); // the editor keeps its focus
      take(editor, option);
    });
    list.append(option);
  });
  editor.after(list);
  editor.setAttribute("aria-controls", list.id);
  editor.setAttribute("aria-activedescendant", "query-name-0");
  announce(`${names.length === 1 ? "One name" : `${names.length} names`}, ${names[0]}`);
}

/** @returns {HTMLElement | null} */
function offered() {
  return document.getElementById("query-names");
}

/** @param {HTMLElement} list @returns {HTMLElement | null} */
function chosen(list) {
  return list.querySelector("[aria-selected=true]");
}

/** @param {HTMLTextAreaElement} editor @param {HTMLElement} list @param {number} step */
function move(editor, list, step) {
  const options = [...list.children];
  const now = chosen(list);
  const next = options[(options.indexOf(now ?? list) + step + options.length) % options.length];
  now?.setAttribute("aria-selected", "false");
  next?.setAttribute("aria-selected", "true");
  if (next) editor.setAttribute("aria-activedescendant", next.id);
  next?.scrollIntoView({ block: "nearest" });
}

/** Puts a name in the place of the word. @param {HTMLTextAreaElement} editor @param {HTMLElement | null} option */
function take(editor, option) {
  const word = wordBefore(editor);
  const end = editor.selectionStart;
  close();
  if (option) editor.setRangeText(option.textContent ?? "", end - word.length, end, "end");
}

function close() {
  offered()?.remove();
  const editor = document.getElementById("sql");
  editor?.removeAttribute("aria-controls");
  editor?.removeAttribute("aria-activedescendant");
}

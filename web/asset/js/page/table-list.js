// The workbench's list of tables: selecting several, finding one by name.
import { count } from "./format.js";

// One page follows another in the same document, so the list is looked for when
// it is needed.
export function startTableList() {
  document.addEventListener("change", ({ target }) => {
    const form = findForm();
    if (!(target instanceof HTMLInputElement) || !form?.contains(target)) return;
    if (target.hasAttribute("data-pick-group")) pickGroup(target);
    showSelected(form);
  });
  // Tables come and go meanwhile: what is asked is about those there are now.
  document.addEventListener("focusin", ({ target }) => {
    const form = findForm();
    if (form && target instanceof Element && target.closest(".selection")) showSelected(form);
  });
  document.addEventListener("reset", ({ target }) => {
    const form = findForm();
    if (form && target === form) queueMicrotask(() => showSelected(form));
  });
  document.addEventListener("input", ({ target }) => {
    const form = findForm();
    if (form && target instanceof HTMLInputElement && target.name === "q") filter(form, target.value);
  });
  startRangeSelection();
}

/** @returns {HTMLElement | null} */
function findForm() {
  return document.getElementById("tables-form");
}

/**
 * A group's box chooses all its tables, also those that are not shown. While one
 * looks for some by typing, it chooses those that are in sight.
 * @param {HTMLInputElement} box
 */
function pickGroup(box) {
  const group = box.closest(".group");
  const narrowed = group?.querySelector("tr[hidden]") !== null;
  const rows = group?.querySelectorAll('tr:not([hidden]) input[name="table"]') ?? [];
  for (const pick of rows) if (pick instanceof HTMLInputElement) pick.checked = box.checked;
  if (narrowed) box.checked = false;
}

/** @param {HTMLElement} form */
function showSelected(form) {
  let selected = 0;
  for (const group of form.querySelectorAll(".group")) selected += markGroup(group);
  const output = form.querySelector("[data-selected]");
  if (output) output.textContent = count(selected);
  const remove = form.querySelector('button[value="delete-tables"]');
  if (remove instanceof HTMLElement) remove.dataset.undo = selected === 1 ? "One table is deleted." : `${count(selected)} tables are deleted.`;
}

/**
 * Says in a group's box whether all, some or none of its tables are chosen.
 * @param {Element} group
 * @returns {number} how many are
 */
function markGroup(group) {
  const box = group.querySelector("[data-pick-group]");
  const head = group.querySelector("[data-tables]");
  if (!(box instanceof HTMLInputElement) || !(head instanceof HTMLElement)) return 0;
  const all = Number(head.dataset.tables);
  const rows = group.querySelectorAll('input[name="table"]').length;
  const picked = group.querySelectorAll('input[name="table"]:checked').length;
  // One of them taken back leaves those that are ticked.
  box.checked = picked === rows && (box.checked || picked === all);
  box.indeterminate = picked > 0 && !box.checked;
  return box.checked ? all : picked;
}

/** Shift and a click selects everything between this and the last box clicked. */
function startRangeSelection() {
  /** @type {HTMLInputElement | null} */
  let last = null;
  document.addEventListener("click", (event) => {
    const box = event.target;
    const form = findForm();
    if (!(box instanceof HTMLInputElement) || box.name !== "table" || !form?.contains(box)) return;
    if (event.shiftKey && last) selectBetween(form, last, box);
    last = box;
  });
}

/** @param {HTMLElement} form @param {HTMLInputElement} from @param {HTMLInputElement} to */
function selectBetween(form, from, to) {
  /** @type {HTMLInputElement[]} */
  const boxes = [...form.querySelectorAll(/** @type {"input"} */ ('input[name="table"]'))];
  const ends = [boxes.indexOf(from), boxes.indexOf(to)].sort((a, b) => a - b);
  if (ends[0] < 0) return;
  for (const box of boxes.slice(ends[0], ends[1] + 1)) box.checked = to.checked;
}

/**
 * Narrows what is on the page as one types; Enter asks the server, which knows
 * the rest.
 * @param {HTMLElement} form @param {string} text
 */
function filter(form, text) {
  const sought = text.trim().toLowerCase();
  for (const group of form.querySelectorAll(".group")) {
    let shown = 0;
    if (sought) for (const single of group.querySelectorAll(".alike > details")) single.setAttribute("open", "");
    for (const row of group.querySelectorAll("tbody tr")) {
      if (!(row instanceof HTMLElement)) continue;
      const words = `${row.querySelector(".name")?.textContent} ${row.querySelector(".source")?.textContent}`;
      row.hidden = !words.toLowerCase().includes(sought);
      if (!row.hidden) shown++;
    }
    if (group instanceof HTMLElement) group.hidden = sought !== "" && shown === 0;
  }
}

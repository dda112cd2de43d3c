// The workbench's list of tables: selecting several, finding one by name.

// One page follows another in the same document, so the list is looked for when
// it is needed.
export function startTableList() {
  document.addEventListener("change", ({ target }) => {
    const form = findForm();
    if (!(target instanceof HTMLInputElement) || !form?.contains(target)) return;
    if (target.hasAttribute("data-pick-group")) pickGroup(target);
    showSelected(form);
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

/** @param {HTMLInputElement} box */
function pickGroup(box) {
  const rows = box.closest(".group")?.querySelectorAll('tr:not([hidden]) input[name="table"]') ?? [];
  for (const pick of rows) if (pick instanceof HTMLInputElement) pick.checked = box.checked;
}

/** @param {HTMLElement} form */
function showSelected(form) {
  const selected = form.querySelectorAll('input[name="table"]:checked').length;
  const output = form.querySelector("[data-selected]");
  if (output) output.textContent = String(selected);
  for (const group of form.querySelectorAll(".group")) markGroup(group);
}

/** @param {Element} group */
function markGroup(group) {
  const box = group.querySelector("[data-pick-group]");
  if (!(box instanceof HTMLInputElement)) return;
  const all = group.querySelectorAll('input[name="table"]').length;
  const picked = group.querySelectorAll('input[name="table"]:checked').length;
  box.checked = all > 0 && picked === all;
  box.indeterminate = picked > 0 && picked < all;
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
    for (const row of group.querySelectorAll("tbody tr")) {
      if (!(row instanceof HTMLElement)) continue;
      const words = `${row.querySelector(".name")?.textContent} ${row.querySelector(".source")?.textContent}`;
      row.hidden = !words.toLowerCase().includes(sought);
      if (!row.hidden) shown++;
    }
    if (group instanceof HTMLElement) group.hidden = sought !== "" && shown === 0;
  }
}

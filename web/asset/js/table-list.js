// The workbench's list of tables: selecting several, finding one by name.

export function startTableList() {
  const form = document.getElementById("tables-form");
  if (!form) return;
  document.addEventListener("change", (event) => {
    if (!(event.target instanceof HTMLInputElement) || !form.contains(event.target)) return;
    if (event.target.hasAttribute("data-pick-group")) pickGroup(event.target);
    showSelected(form);
  });
  form.addEventListener("reset", () => queueMicrotask(() => showSelected(form)));
  const find = document.querySelector('input[name="q"]');
  if (find instanceof HTMLInputElement) find.addEventListener("input", () => filter(form, find.value));
  startRangeSelection(form);
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

/**
 * Shift and a click selects everything between this and the last box clicked.
 * @param {HTMLElement} form
 */
function startRangeSelection(form) {
  /** @type {HTMLInputElement | null} */
  let last = null;
  form.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || box.name !== "table") return;
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

// Dialogs and menus: they open from what names them and close by Escape, by a
// click beside them, or by their own buttons.

export function startDialogs() {
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    const opener = target?.closest("[data-open]");
    const dialog = opener instanceof HTMLElement ? openDialog(opener.dataset.open ?? "") : null;
    if (dialog) event.preventDefault();
    if (target?.closest("[data-close]")) target.closest("dialog")?.close();
    if (target instanceof HTMLDialogElement) target.close();
    closeMenus(target);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMenus(null);
  });
}

/**
 * @param {string} id
 * @returns {HTMLDialogElement | null} the dialog, if the page has it
 */
export function openDialog(id) {
  const dialog = document.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement)) return null;
  if (!dialog.open) dialog.showModal();
  return dialog;
}

/**
 * Asks before something that cannot be undone.
 * @param {string} question
 * @param {string} answer what the button says that does it
 * @returns {Promise<boolean>}
 */
export function confirmed(question, answer) {
  const dialog = openDialog("confirm");
  if (!dialog) return Promise.resolve(true);
  const text = dialog.querySelector("[data-question]");
  if (text) text.textContent = question;
  const yes = dialog.querySelector("[value=yes]");
  if (yes) yes.textContent = answer;
  dialog.returnValue = "";
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** @param {Element | null} inside the menu that holds it stays open */
function closeMenus(inside) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (inside && menu.contains(inside) && !inside.closest("[data-open]")) continue;
    const summary = menu.querySelector("summary");
    if (!inside && menu.contains(document.activeElement) && summary) summary.focus();
    menu.removeAttribute("open");
  }
}

/**
 * Where a form is sent. Its property "action" will not do: a button of that name
 * hides it.
 * @param {HTMLFormElement} form
 */
export function addressOf(form) {
  return new URL(form.getAttribute("action") ?? "", location.href);
}

// The parts of an upload's row.
import { write } from "./progress.js";

/** @param {HTMLElement} row @param {string} name @param {string} text */
export function show(row, name, text) {
  write(row, name, text);
  part(row, name).hidden = text === "";
}

/** @param {HTMLElement} row @param {string} name @returns {HTMLElement} */
export function part(row, name) {
  const element = row.querySelector(`[data-part="${name}"]`);
  if (!(element instanceof HTMLElement)) throw new Error(`the upload row has no part ${name}`);
  return element;
}

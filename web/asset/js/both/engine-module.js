// Where the browser's module is. The server writes the address when it serves the
// scripts; it is empty if the module was not built.
export const moduleURL = /** @type {string} */ ("{{module}}");

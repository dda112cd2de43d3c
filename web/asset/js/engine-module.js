// Where the browser's module is. The server writes the addresses when it serves
// this script; they stay empty if the module was not built.
export const moduleURL = "";
export const runtimeURL = "";

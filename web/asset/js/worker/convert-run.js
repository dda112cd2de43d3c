// Runs the module once, to convert files.
import { dropImports } from "./convert-files.js";
import { fileImports } from "../both/engine-files.js";

/**
 * @typedef {object} Run
 * @property {Readable[]} files @property {TableSink} tables
 * @property {(lines: string) => void} finish takes finished documents, a line each
 * @property {ConversionHost} host what the module says
 */

/** @param {WebAssembly.Module} module @param {Run} run */
export async function runConversion(module, { files, tables, finish, host }) {
  const go = new globalThis.Go();
  /** @type {WebAssembly.Instance} */
  let instance;
  const memory = () => /** @type {WebAssembly.Memory} */ (instance.exports.mem);
  const imports = { ...go.importObject, opfs: fileImports([], memory), drop: dropImports(files, tables, finish, memory) };
  instance = await WebAssembly.instantiate(module, imports);
  globalThis.retHost = Object.assign(globalThis.retHost ?? {}, { mode: "convert" }, host);
  await go.run(instance);
}

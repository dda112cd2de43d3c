// What the module imports to convert a dropped file: it reads from here, and what
// it makes stays here. Nothing that is thrown here may reach it: an exception that
// passes through Go ends it.

const QUOTA = -2;
const LOST = -1;

/** The tables that a conversion makes, by the module's numbers. */
export class Tables {
  constructor() {
    /** @type {Map<number, Blob[]>} */
    this.parts = new Map();
  }

  /** @param {number} table @param {Uint8Array<ArrayBuffer>} bytes */
  write(table, bytes) {
    const parts = this.parts.get(table) ?? [];
    // A Blob lies where the browser likes, on disk if it is large.
    parts.push(new Blob([bytes]));
    this.parts.set(table, parts);
  }

  /** @param {number} table */
  forget(table) {
    this.parts.delete(table);
  }

  /** @param {number} table @returns {Blob} */
  take(table) {
    const blob = new Blob(this.parts.get(table) ?? [], { type: "text/csv" });
    this.parts.delete(table);
    return blob;
  }
}

/**
 * The memory's buffer is asked for at each call, since it is another one after
 * the memory has grown.
 * @param {SyncAccessHandle[]} files
 * @param {Tables} tables
 * @param {(lines: string) => void} finish takes finished documents, a line each
 * @param {() => WebAssembly.Memory} memory
 */
export function dropImports(files, tables, finish, memory) {
  const bytes = (/** @type {number} */ at, /** @type {number} */ n) => new Uint8Array(/** @type {ArrayBuffer} */ (memory().buffer), at, n);
  const decoder = new TextDecoder();
  return {
    /** @type {(file: number) => number} */
    size: (file) => safely(() => files[file].getSize()),
    /** @type {(file: number, at: number, n: number, off: number) => number} */
    read: (file, at, n, off) => safely(() => files[file].read(bytes(at, n), { at: off })),
    /** @type {(table: number, at: number, n: number) => number} */
    write: (table, at, n) => safely(() => tables.write(table, bytes(at, n))),
    /** @type {(table: number) => void} */
    forget: (table) => tables.forget(table),
    /** @type {(at: number, n: number) => number} */
    finish: (at, n) => safely(() => finish(decoder.decode(bytes(at, n)))),
  };
}

/** @param {() => number | void} call */
function safely(call) {
  try {
    return call() ?? 0;
  } catch (problem) {
    return problem instanceof Error && problem.name === "QuotaExceededError" ? QUOTA : LOST;
  }
}

// What the module imports to convert a dropped file: it reads from here, and what
// it makes stays here. Nothing that is thrown here may reach it: an exception that
// passes through Go ends it.

const QUOTA = -2;
const LOST = -1;

/** How much of a table is gathered before the browser gets it. */
const BLOB_BYTES = 8 << 20;

/** A table that is being made. */
class TableParts {
  constructor() {
    /** @type {Blob[]} what the browser keeps where it likes, on disk if it is large */
    this.blobs = [];
    /** @type {Uint8Array<ArrayBuffer>[]} what it has not got: each Blob is a message to it */
    this.pieces = [];
    this.bytes = 0;
  }

  /** @param {Uint8Array<ArrayBuffer>} piece */
  add(piece) {
    this.pieces.push(piece);
    this.bytes += piece.length;
    if (this.bytes >= BLOB_BYTES) this.handOver();
  }

  handOver() {
    this.blobs.push(new Blob(this.pieces));
    this.pieces = [];
    this.bytes = 0;
  }

  /** @returns {Blob} */
  whole() {
    this.handOver();
    return new Blob(this.blobs, { type: "text/csv" });
  }
}

/** The tables that a conversion makes, by the module's numbers. */
export class Tables {
  constructor() {
    /** @type {Map<number, TableParts>} */
    this.parts = new Map();
  }

  /** @param {number} table @param {Uint8Array<ArrayBuffer>} bytes of the module's memory */
  write(table, bytes) {
    const parts = this.parts.get(table) ?? new TableParts();
    parts.add(bytes.slice());
    this.parts.set(table, parts);
  }

  /** @param {number} table */
  forget(table) {
    this.parts.delete(table);
  }

  /** @param {number} table @returns {Blob} */
  take(table) {
    const parts = this.parts.get(table) ?? new TableParts();
    this.parts.delete(table);
    return parts.whole();
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

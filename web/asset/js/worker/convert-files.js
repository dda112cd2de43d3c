// What the module imports to convert a dropped file: it reads from here, and what
// it makes stays here. Nothing that is thrown here may reach it: an exception that
// passes through Go ends it.

const QUOTA = -2;
const LOST = -1;

/** How much is gathered before the file gets it. */
const BUFFER_BYTES = 4 << 20;

/** The tables that a conversion makes, all in one file, by the module's numbers. */
export class TablesFile {
  /** @param {SyncAccessHandle} handle of an empty file */
  constructor(handle) {
    this.handle = handle;
    this.buffer = new Uint8Array(BUFFER_BYTES);
    this.buffered = 0;
    this.written = 0;
    /** Where each table lies. @type {Map<number, Extent[]>} */
    this.extents = new Map();
  }

  /** @param {number} table @param {Uint8Array<ArrayBuffer>} bytes of the module's memory */
  write(table, bytes) {
    if (this.buffered + bytes.length > BUFFER_BYTES) this.empty();
    this.note(table, this.written + this.buffered, bytes.length);
    if (bytes.length > BUFFER_BYTES) return this.append(bytes);
    this.buffer.set(bytes, this.buffered);
    this.buffered += bytes.length;
  }

  /** @param {number} table @param {number} offset @param {number} length */
  note(table, offset, length) {
    const extents = this.extents.get(table) ?? [];
    const last = extents.at(-1);
    if (last && last.offset + last.length === offset) last.length += length;
    else extents.push({ offset, length });
    this.extents.set(table, extents);
  }

  /** Hands what is gathered to the file. */
  empty() {
    const bytes = this.buffer.subarray(0, this.buffered);
    this.buffered = 0;
    this.append(bytes);
  }

  /** @param {Uint8Array} bytes */
  append(bytes) {
    if (this.handle.write(bytes, { at: this.written }) < bytes.length) throw new DOMException("short write", "QuotaExceededError");
    this.written += bytes.length;
  }

  /** @param {number} table */
  forget(table) {
    this.extents.delete(table);
  }

  /** Where a table lies. @param {number} table @returns {Extent[]} */
  take(table) {
    const extents = this.extents.get(table) ?? [];
    this.extents.delete(table);
    return extents;
  }
}

/** What lies in memory, to be read like a file. @param {Uint8Array} bytes @returns {Readable} */
export function inMemory(bytes) {
  return {
    getSize: () => bytes.length,
    read: (to, { at }) => {
      const part = bytes.subarray(at, at + to.length);
      to.set(part);
      return part.length;
    },
  };
}

/** Tables that are written to be saved, by the module's numbers. */
export class SavedTables {
  constructor() {
    /** @type {Map<number, BlobPart[]>} */
    this.parts = new Map();
  }

  /** @param {number} table @param {Uint8Array<ArrayBuffer>} bytes of the module's memory */
  write(table, bytes) {
    const parts = this.parts.get(table) ?? [];
    parts.push(new Blob([bytes.slice()])); // which the browser may put on disk
    this.parts.set(table, parts);
  }

  /** @param {number} table */
  forget(table) {
    this.parts.delete(table);
  }

  /** @param {number} table @param {string} type @returns {Blob} */
  take(table, type) {
    const parts = this.parts.get(table) ?? [];
    this.parts.delete(table);
    return new Blob(parts, { type });
  }
}

/**
 * The memory's buffer is asked for at each call, since it is another one after
 * the memory has grown.
 * @param {Readable[]} files
 * @param {TableSink} tables
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

// What the module imports to convert a dropped file: it reads from here, and what
// it makes stays here. Nothing that is thrown here may reach it: an exception that
// passes through Go ends it.

const QUOTA = -2;
const LOST = -1;

/**
 * Takes what the module makes into an empty file, as it comes: the module gathers and
 * encrypts it.
 * @param {SyncAccessHandle} handle @returns {TableSink}
 */
export function intoFile(handle) {
  let written = 0;
  return (_, bytes) => {
    if (handle.write(bytes, { at: written }) < bytes.length) throw new DOMException("short write", "QuotaExceededError");
    written += bytes.length;
  };
}

/** How much of a file that a person has dropped is read at once. */
const AHEAD_BYTES = 4 << 20;

/** A file of the person's. In workers only. @param {Blob} file @returns {Readable} */
export function ofPerson(file) {
  const reader = new FileReaderSync();
  let begin = 0;
  let ahead = new Uint8Array(0);
  return {
    getSize: () => file.size,
    read: (to, { at }) => {
      const end = Math.min(file.size, at + to.length);
      if (at < begin || end > begin + ahead.length) {
        ahead = new Uint8Array(reader.readAsArrayBuffer(file.slice(at, Math.max(end, at + AHEAD_BYTES))));
        begin = at;
      }
      const part = ahead.subarray(at - begin, end - begin);
      to.set(part);
      return part.length;
    },
  };
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
    write: (table, at, n) => safely(() => tables(table, bytes(at, n))),
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

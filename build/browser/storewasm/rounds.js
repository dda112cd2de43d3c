// Runs one round of the replica's database and of its rivals, one after the
// other, in a worker, and gives what each took in milliseconds. All do what
// main_js.go does, with the same numbers of rows.
import { fileImports, openFiles, removeFiles } from "/js/both/engine-files.js";
import "/wasm_exec.js";

const FIRST = 100;
const WARM_COMMITS_MS = 5_000;
const WARM_READS_MS = 1_000;
const COMMITS = 200;
const ROWS = 20_000;
const READS = 2_000;

const key = (i) => `row-${String(i).padStart(7, "0")}`;
const two = (n) => String(n).padStart(2, "0");
const value = (i) =>
  `Customer ${i * 7919} of the north, Zürich, 2026-${two(1 + (i % 12))}-${two(1 + (i % 28))}, amount ${i * 31}.${two(i % 100)}, open, without a note so far`;
const readKey = (i) => key((i * 7919) % ROWS);

onmessage = async ({ data }) => {
  try {
    if (data.crypt) return postMessage(await sqlite("crypt"));
    const took = { disk: await disk(), sqlite: await sqlite("store"), indexeddb: await indexedDBRound() };
    if (data.pouch) took.pouchdb = await pouch();
    postMessage(took);
  } catch (problem) {
    postMessage({ problem: String(problem?.stack ?? problem) });
  }
};

/** The floor of a commit: to write two pages to such a file, and have them on disk. */
async function disk() {
  const [file, ...others] = await openFiles();
  const pages = new Uint8Array(8192).fill(1);
  const took = { commit: await each(COMMITS, (i) => (file.write(pages, { at: i * pages.length }), file.flush())) };
  [file, ...others].forEach((h) => h.close());
  await removeFiles();
  return took;
}

/** @param round what main_js.go is to do: "store", or "crypt" with and without encryption */
async function sqlite(round) {
  globalThis.retRound = round;
  const handles = await openFiles();
  if (handles.length === 0) throw new Error("this browser has no files of its origin");
  let printed = "";
  const decoder = new TextDecoder();
  globalThis.fs.writeSync = (_, bytes) => {
    printed += decoder.decode(bytes);
    return bytes.length;
  };
  const go = new globalThis.Go();
  let code = 0;
  go.exit = (c) => (code = c);
  let instance;
  const imports = { ...go.importObject, opfs: fileImports(handles, () => instance.exports.mem) };
  ({ instance } = await WebAssembly.instantiateStreaming(fetch("/store.wasm"), imports));
  await go.run(instance);
  handles.forEach((h) => h.close());
  await removeFiles();
  if (code !== 0) throw new Error(printed);
  return JSON.parse(printed);
}

/** What one of the first calls took. */
async function first(call) {
  const start = performance.now();
  for (let i = 0; i < FIRST; i++) await call(COMMITS + i);
  return (performance.now() - start) / FIRST;
}

/** What one of so many calls took. */
async function each(times, call) {
  const start = performance.now();
  for (let i = 0; i < times; i++) await call(i);
  return (performance.now() - start) / times;
}

/** Calls for a while, with numbers from there on. */
async function warm(how, from, call) {
  for (const start = performance.now(); performance.now() - start < how; from++) await call(from);
}

const answered = (request) =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });

const completed = (transaction) =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
  });

async function indexedDBRound() {
  const opening = indexedDB.open("rival");
  opening.onupgradeneeded = () => opening.result.createObjectStore("items");
  const db = await answered(opening);
  const write = (fill) => {
    const transaction = db.transaction("items", "readwrite", { durability: "strict" });
    fill(transaction.objectStore("items"));
    return completed(transaction);
  };
  const took = {};
  const commit = (i) => write((items) => items.put(value(ROWS + i), key(ROWS + i)));
  took.first = await first(commit);
  await warm(WARM_COMMITS_MS, COMMITS + FIRST, commit);
  took.commit = await each(COMMITS, commit);
  took.import = await each(1, () =>
    write((items) => {
      for (let i = 0; i < ROWS; i++) items.put(value(i), key(i));
    }),
  );
  const read = (i) => answered(db.transaction("items").objectStore("items").get(readKey(i)));
  await warm(WARM_READS_MS, 0, read);
  took.read = await each(READS, read);
  db.close();
  await answered(indexedDB.deleteDatabase("rival"));
  return took;
}

async function pouch() {
  await import("/pouchdb.js");
  const db = new globalThis.PouchDB("rival", { auto_compaction: false });
  const doc = (i) => ({ _id: key(i), value: value(i) });
  const took = {};
  const commit = (i) => db.put(doc(ROWS + i));
  const read = (i) => db.get(readKey(i));
  took.first = await first(commit);
  await warm(WARM_COMMITS_MS, COMMITS + FIRST, commit);
  took.commit = await each(COMMITS, commit);
  took.import = await each(1, () => db.bulkDocs(Array.from({ length: ROWS }, (_, i) => doc(i))));
  await warm(WARM_READS_MS, 0, read);
  took.read = await each(READS / 10, read);
  await db.destroy();
  return took;
}

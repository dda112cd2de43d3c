// Files as they were chosen or dropped. Folders are walked through, and what lies in
// one keeps its path, from the folder's own name down.

/** What desktops put into folders of their own accord; archives are rid of the same. */
const JUNK = /^(\._.*|\.DS_Store|Thumbs\.db|desktop\.ini)$/i;

const JUNK_FOLDER = "__MACOSX";

/** @param {string} path */
function isJunk(path) {
  const parts = path.split("/");
  return JUNK.test(parts[parts.length - 1]) || parts.includes(JUNK_FOLDER);
}

/** @param {File} file @returns {Chosen} */
function alone(file) {
  return { file, path: file.name };
}

/** @param {Iterable<File>} files of a choice of files @returns {Chosen[]} */
export function chosenFiles(files) {
  return [...files].map(alone);
}

/**
 * What was chosen as a folder.
 * @param {Iterable<File>} files @returns {ChosenFolder}
 */
export function chosenFolder(files) {
  const all = [...files].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
  const name = all.length > 0 ? all[0].path.split("/")[0] : "";
  return { name, files: Promise.resolve(all.filter(({ path }) => !isJunk(path))) };
}

/**
 * What was dropped. To be called while the drop is handled, since nothing is to be
 * had of it afterwards; the folders are read when this has returned.
 * @param {DataTransfer} data
 * @returns {{ files: Chosen[], folders: ChosenFolder[] }}
 */
export function dropped(data) {
  /** @type {Chosen[]} */
  const files = [];
  /** @type {ChosenFolder[]} */
  const folders = [];
  for (const item of data.items) {
    const entry = item.kind === "file" ? item.webkitGetAsEntry() : null;
    const file = item.getAsFile();
    if (isFolder(entry)) folders.push({ name: entry.name, files: walk(entry) });
    else if (file) files.push(alone(file));
  }
  return { files, folders };
}

/** @param {FileSystemEntry | null} entry @returns {entry is FileSystemDirectoryEntry} */
function isFolder(entry) {
  return entry?.isDirectory ?? false;
}

/**
 * All files below a folder, in the order of their paths.
 * @param {FileSystemDirectoryEntry} folder @returns {Promise<Chosen[]>}
 */
async function walk(folder) {
  /** @type {Chosen[]} */
  const found = [];
  const folders = [folder];
  for (let next = folders.pop(); next; next = folders.pop()) {
    for (const entry of await entriesOf(next)) {
      const path = entry.fullPath.slice(1);
      if (isFolder(entry)) folders.push(entry);
      else if (!isJunk(path)) found.push({ file: await fileOf(/** @type {FileSystemFileEntry} */ (entry)), path });
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/**
 * A reader gives a hundred or so at a time, and nothing when it has given all.
 * @param {FileSystemDirectoryEntry} folder @returns {Promise<FileSystemEntry[]>}
 */
async function entriesOf(folder) {
  const reader = folder.createReader();
  /** @type {FileSystemEntry[]} */
  const all = [];
  for (;;) {
    const some = await /** @type {Promise<FileSystemEntry[]>} */ (new Promise((give, fail) => reader.readEntries(give, fail)));
    if (some.length === 0) return all;
    all.push(...some);
  }
}

/** @param {FileSystemFileEntry} entry @returns {Promise<File>} */
function fileOf(entry) {
  return new Promise((give, fail) => entry.file(give, fail));
}

/**
 * The first of these that cannot be read any more, as when it was moved meanwhile.
 * @param {Chosen[]} chosen @returns {Promise<Chosen | undefined>}
 */
export async function unreadable(chosen) {
  for (const one of chosen) {
    try {
      await one.file.slice(0, 1).arrayBuffer();
    } catch {
      return one;
    }
  }
  return undefined;
}

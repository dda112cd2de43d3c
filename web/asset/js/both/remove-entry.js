// Removing one of the origin's private files.

/** How long a file may be held by a worker that was just ended. */
const PATIENCE_MS = 5000;
const AGAIN_MS = 50;

/**
 * Waits for a worker that has not let go of the file yet. One that is not there is
 * no problem.
 * @param {FileSystemDirectoryHandle} folder @param {string} name
 */
export async function removeEntry(folder, name) {
  for (const began = performance.now(); ; ) {
    try {
      return await folder.removeEntry(name);
    } catch (problem) {
      if (problem instanceof DOMException && problem.name === "NotFoundError") return;
      if (performance.now() - began > PATIENCE_MS) throw problem;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }
}

// Asks the browser to keep what RET stores here when it runs out of room: once,
// after the first real use, and never where the person has already decided.

let asked = false;

/** To be called when a person has uploaded something or opened a table. */
export function askToKeep() {
  if (asked || !navigator.storage?.persist) return;
  asked = true;
  ask().catch(() => undefined); // a browser that does not answer keeps what it likes
}

async function ask() {
  if (await navigator.storage.persisted()) return;
  const decided = await navigator.permissions?.query({ name: "persistent-storage" });
  if (decided?.state !== "denied") await navigator.storage.persist();
}

// Says aloud, to those who listen to the page, what became of a job.

/** @param {string} sentence */
export function announce(sentence) {
  const announcer = document.getElementById("announcer");
  if (announcer) announcer.textContent = sentence;
}

/**
 * Announces a job whose state differs from before.
 * @param {Element | null} old @param {Element} fresh
 */
export function announceState(old, fresh) {
  if (!(fresh instanceof HTMLElement) || !fresh.dataset.job) return;
  const before = old instanceof HTMLElement ? old.dataset.state : undefined;
  if (before === fresh.dataset.state) return;
  const word = fresh.querySelector(".state")?.textContent?.trim();
  announce(`${fresh.dataset.name}: ${word}`);
}

// Asks for the fonts in which changes are shown, while nothing waits for them.
//
// A browser looks a font up when a page first shows it in a size and weight, and
// the page stands still meanwhile: 5 ms, but up to a second while the processors
// compile the worker's module.

/** Sizes and weights of what changes bring into a page that began empty. */
const FONTS = [
  ["var(--t-small)", 550],
  ["var(--t-small)", 600],
  ["var(--t-data)", 500],
  ["var(--t-data)", 600],
  ["0.875rem", 600],
  ["var(--t-text)", 550],
  ["var(--t-text)", 600],
  ["var(--t-head)", 650],
];

/** Lays out one sign of each font, out of sight. */
export function prepareFonts() {
  const samples = document.createElement("div");
  samples.className = "unseen";
  samples.ariaHidden = "true";
  for (const [size, weight] of FONTS) {
    const sample = document.createElement("span");
    sample.style.fontSize = String(size);
    sample.style.fontWeight = String(weight);
    sample.textContent = "0";
    samples.append(sample);
  }
  document.body.append(samples);
  samples.getBoundingClientRect();
  samples.remove();
}

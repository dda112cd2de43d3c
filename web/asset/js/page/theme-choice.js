// The choice of theme. Nothing else is ever kept in this browser's storage.

const KEY = "ret-theme";

export function startThemeChoice() {
  for (const input of choices()) {
    input.addEventListener("change", () => input.checked && choose(input.value));
  }
  mark();
}

/** Turns light into dark and back, whatever the system says. */
export function turnTheme() {
  const dark = matchMedia("(prefers-color-scheme: dark)").matches;
  const now = document.documentElement.dataset.theme ?? (dark ? "dark" : "light");
  choose(now === "dark" ? "light" : "dark");
}

/** @param {string} theme */
function choose(theme) {
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
  try {
    if (theme === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
  mark();
}

function mark() {
  const theme = document.documentElement.dataset.theme ?? "system";
  for (const input of choices()) input.checked = input.value === theme;
}

/** @returns {NodeListOf<HTMLInputElement>} */
function choices() {
  return document.querySelectorAll("[data-theme-choice] input");
}

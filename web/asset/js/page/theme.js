// Runs before the first paint, and so is the one script that is no module: says
// that scripts run, and sets the theme that was chosen in this browser.
"use strict";
document.documentElement.classList.add("js");
try {
  const theme = localStorage.getItem("ret-theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // Storage is switched off: the system's theme it is.
}

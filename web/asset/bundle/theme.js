"use strict";
(() => {
  // web/asset/js/page/theme.js
  document.documentElement.classList.add("js");
  try {
    const theme = localStorage.getItem("ret-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
  }
})();

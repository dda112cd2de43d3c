// Says in the account menu how the page runs, and how much this browser keeps.
import { bytes } from "./format.js";

/** @param {Standing} standing */
export function showMode(standing) {
  const menu = document.querySelector("#viewer-menu .menu-body");
  if (!menu) return;
  let line = document.getElementById("mode");
  if (!line) {
    line = document.createElement("p");
    line.id = "mode";
    line.className = "quiet";
    line.setAttribute("data-client", "");
    menu.append(line);
  }
  line.dataset.mode = standing.ready ? (standing.bytes > 0 ? "replica" : "memory") : "server";
  line.textContent = sentence(standing);
}

/** @param {Standing} standing */
export function sentence({ ready, bytes: kept, rows, none, problem }) {
  if (problem) return problem;
  if (!ready && none) return "This page follows the server; this browser keeps no copy.";
  if (!ready) return "This page follows the server while this browser makes its copy.";
  const tables = rows > 0 ? `, with ${bytes(rows)} of tables' rows` : "";
  if (kept === 0) return `This page follows a copy in this browser's memory${tables}.`;
  return `This page follows a copy of ${bytes(kept)} in this browser${tables}.`;
}

// Pages of the server's own figures, which no channel tells: they are asked for anew while
// somebody looks at them.
import { parsePage, showPage } from "./fragment.js";

const EVERY_MS = 2000;

export function startRefreshing() {
  let busy = false;
  setInterval(async () => {
    if (busy || document.hidden || !shown()) return;
    busy = true;
    await refresh().catch(() => {}); // the next one may get through
    busy = false;
  }, EVERY_MS);
}

/** Whether the page at hand is one of them, and nobody is about to answer a question. */
function shown() {
  return document.querySelector("main [data-refresh]") !== null && !document.querySelector("dialog[open], :popover-open");
}

async function refresh() {
  const at = location.href;
  const answer = await fetch(at, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const page = parsePage(await answer.text());
  if (location.href === at && shown() && page.querySelector("main [data-refresh]")) showPage(page);
}

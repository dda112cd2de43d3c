// Pages of the server's own figures, which no channel tells: they are asked for anew while
// somebody looks at them.
import { showPage } from "./fragment.js";
import { fetchAnew } from "./place.js";

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
  const page = await fetchAnew();
  if (page?.querySelector("main [data-refresh]") && shown()) showPage(page);
}

// A job's own page: its log and its tables are whole once the job has finished,
// so the page is then shown anew.
import { JOB_FINISHED, parsePage, showPage } from "./fragment.js";
import { markPlace } from "./place.js";

export function startJobPage() {
  document.addEventListener(JOB_FINISHED, () => {
    // If the server cannot be reached, the log stays as it is until the next load.
    showAnew().catch(() => undefined);
  });
}

async function showAnew() {
  const stillThere = markPlace();
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  const page = parsePage(await answer.text());
  if (answer.ok && stillThere()) showPage(page);
}

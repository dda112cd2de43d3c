// A job's own page: its log and its tables are whole once the job has finished,
// so the page is then shown anew.
import { JOB_FINISHED, showPage } from "./fragment.js";
import { fetchAnew } from "./place.js";

export function startJobPage() {
  document.addEventListener(JOB_FINISHED, () => {
    // If the server cannot be reached, the log stays as it is until the next load.
    showAnew().catch(() => undefined);
  });
}

async function showAnew() {
  const page = await fetchAnew();
  if (page) showPage(page);
}

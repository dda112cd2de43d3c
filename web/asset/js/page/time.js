// Turns UTC moments into the reader's own time zone.

const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** @param {ParentNode} root */
export function showLocalTimes(root) {
  for (const time of root.querySelectorAll("time[data-local]")) {
    if (!(time instanceof HTMLTimeElement) || !time.dateTime) continue;
    time.title = time.dateTime;
    time.textContent = format.format(new Date(time.dateTime));
    time.removeAttribute("data-local");
  }
}

// The list of changes that were not made, below the header, until the person has
// seen each of them.

/** What the changes are called. @type {Record<string, string>} */
const words = {
  "file.delete": "Deleting a file",
  "table.delete": "Deleting tables",
  "table.layout": "Laying out columns",
  "job.submit": "Converting a file",
  "job.cancel": "Cancelling a job",
  "job.retry": "Retrying a job",
  download: "Downloading",
  save: "Saving",
  sort: "Sorting",
  filter: "Filtering",
  show: "Showing that",
  other: "A change",
};

/** What was refused at once: of this page only. @type {Rejection[]} */
let refusals = [];
/** What the server rejected. @type {Rejection[]} */
let rejections = [];
/** @type {(id: number) => void} */
let dismiss = () => {};

/**
 * @param {Rejection[]} list
 * @param {(id: number) => void} onDismiss forgets one of them for all pages
 */
export function showRejections(list, onDismiss) {
  dismiss = onDismiss;
  if (JSON.stringify(list) === JSON.stringify(rejections)) return; // an alert is read out when it is drawn
  rejections = list;
  draw();
}

/** @param {string} name of the mutation @param {string} detail */
export function showRefusal(name, detail) {
  refusals.push({ id: 0, name, made_at: new Date().toISOString(), detail });
  draw();
}

function draw() {
  const all = [...rejections, ...refusals];
  const section = document.getElementById("rejections") ?? (all.length > 0 ? place() : null);
  if (!section) return;
  section.hidden = all.length === 0;
  section.querySelector("ul")?.replaceChildren(...all.map(item));
}

/** Puts the empty list into the page. */
function place() {
  const section = document.createElement("section");
  section.id = "rejections";
  section.className = "rejections";
  section.setAttribute("role", "alert");
  section.setAttribute("aria-label", "Changes that were not made");
  section.append(document.createElement("ul"));
  document.getElementById("main")?.before(section);
  return section;
}

/** @param {Rejection} rejection */
function item(rejection) {
  const at = new Date(rejection.made_at).toLocaleTimeString("en-GB", { timeStyle: "short" });
  const text = document.createElement("p");
  text.append(`${words[rejection.name] ?? rejection.name} at ${at} was not done. ${rejection.detail}`);
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button small";
  button.append("Dismiss");
  button.addEventListener("click", () => forget(rejection));
  const li = document.createElement("li");
  li.append(text, button);
  return li;
}

/** @param {Rejection} rejection */
function forget(rejection) {
  if (rejection.id) dismiss(rejection.id);
  refusals = refusals.filter((r) => r !== rejection);
  rejections = rejections.filter((r) => r !== rejection);
  draw();
  document.getElementById("main")?.focus(); // its button is gone
}

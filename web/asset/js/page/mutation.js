// What a form asks for, as a mutation of the live channel. Pure, so that it is
// tested without a browser.
import { uuidv7 } from "./uuid.js";

/**
 * @param {FormData} fields
 * @returns {{ name: string, args: object } | null} null: only the server can do it
 */
export function mutationOf(fields) {
  const one = (/** @type {string} */ name) => String(fields.get(name) ?? "");
  switch (one("action")) {
    case "cancel":
      return { name: "job.cancel", args: { id: one("job") } };
    case "retry":
      return { name: "job.retry", args: { id: one("job") } };
    case "delete-file":
      return { name: "file.delete", args: { id: one("file") } };
    case "delete-tables":
      // The server knows all tables of a group, and says what is missing.
      if (!fields.has("table") || fields.has("all")) return null;
      return { name: "table.delete", args: { tables: fields.getAll("table") } };
    case "convert":
      if (!only(fields, ["action", "file"])) return null; // with options, which the server reads
      return { name: "job.submit", args: { id: uuidv7(), kind: "convert", files: [one("file")] } };
  }
  return null;
}

/** @param {FormData} fields @param {string[]} names */
function only(fields, names) {
  return [...fields.keys()].every((name) => names.includes(name));
}

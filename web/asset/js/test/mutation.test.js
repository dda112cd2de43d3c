import assert from "node:assert/strict";
import { test } from "node:test";
import { mutationOf } from "../page/mutation.js";

/** @param {Record<string, string>} values */
function form(values) {
  const fields = new FormData();
  for (const [name, value] of Object.entries(values)) fields.append(name, value);
  return fields;
}

test("buttons of jobs and files are mutations", () => {
  assert.deepEqual(mutationOf(form({ job: "j", action: "cancel" })), { name: "job.cancel", args: { id: "j" } });
  assert.deepEqual(mutationOf(form({ job: "j", action: "retry" })), { name: "job.retry", args: { id: "j" } });
  assert.deepEqual(mutationOf(form({ file: "f", action: "delete-file" })), { name: "file.delete", args: { id: "f" } });
  assert.deepEqual(mutationOf(form({ table: "t", format: "csv", action: "delete-tables" })), { name: "table.delete", args: { tables: ["t"] } });
});

test("a conversion is named by the page, so that it is one job however often it is sent", () => {
  const first = mutationOf(form({ file: "f", action: "convert" }));
  const second = mutationOf(form({ file: "f", action: "convert" }));
  assert.equal(first?.name, "job.submit");
  const { id, ...rest } = /** @type {{ id: string }} */ (first?.args);
  assert.deepEqual(rest, { kind: "convert", files: ["f"] });
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.notEqual(id, /** @type {{ id: string }} */ (second?.args).id);
});

test("what only the server can do is none", () => {
  assert.equal(mutationOf(form({ file: "f", action: "convert", record: "row" })), null);
  assert.equal(mutationOf(form({ action: "delete-tables" })), null);
  assert.equal(mutationOf(form({})), null);
});

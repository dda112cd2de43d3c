import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { countText, share } from "../page/progress.js";

const vectors = JSON.parse(readFileSync(new URL("../../../page/testdata/format.json", import.meta.url), "utf8"));

test("progress is said as the server says it", () => {
  for (const [progress, text, part] of vectors.progress) {
    assert.equal(countText({ unit: "files", message: "", rate: 0, ...progress }), text);
    assert.equal(share({ unit: "files", message: "", rate: 0, ...progress }), part);
  }
});

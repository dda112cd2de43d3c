import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as format from "../page/format.js";

const vectors = JSON.parse(readFileSync(new URL("../../../page/testdata/format.json", import.meta.url), "utf8"));

for (const name of /** @type {const} */ (["count", "bytes", "duration", "clock", "rate"])) {
  test(`${name} writes what the server writes`, () => {
    for (const [input, text] of vectors[name]) assert.equal(format[name](input), text);
  });
}

test("a part of a size is written as the server writes it", () => {
  for (const [[n, all], text] of vectors.part) assert.equal(format.partOf(n, all), text);
});

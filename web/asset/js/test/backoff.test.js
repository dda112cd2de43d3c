import assert from "node:assert/strict";
import { test } from "node:test";
import { backoff } from "../both/backoff.js";

test("the wait doubles up to half a minute", () => {
  const most = [1, 2, 3, 7, 8, 1000].map((n) => backoff(n, () => 1));
  assert.deepEqual(most, [500, 1000, 2000, 30_000, 30_000, 30_000]);
});

test("clients spread over the second half", () => {
  assert.equal(backoff(3, () => 0), 1000);
  assert.equal(backoff(3, () => 0.5), 1500);
});

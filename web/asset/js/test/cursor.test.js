import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { afterClose, closeReason, Cursor } from "../page/cursor.js";

// What the server and the replica agree on.
const chains = JSON.parse(readFileSync(new URL("../../../../shared/wire/testdata/chains.json", import.meta.url), "utf8"));

for (const { name, cursor: at, deltas, steps, ends } of chains) {
  test(name, () => {
    const cursor = new Cursor("e", at);
    assert.deepEqual(deltas.map((/** @type {[number, number]} */ [from, to]) => cursor.delta(from, to)), steps);
    assert.equal(cursor.at, ends);
  });
}

test("deltas that chain are applied", () => {
  const cursor = new Cursor("e", 4);
  assert.equal(cursor.delta(4, 9), "apply");
  assert.equal(cursor.delta(9, 10), "apply");
  assert.equal(cursor.at, 10);
});

test("a delta that is known already changes nothing", () => {
  const cursor = new Cursor("e", 9);
  assert.equal(cursor.delta(4, 9), "known");
  assert.equal(cursor.at, 9);
});

test("a gap is noticed and not passed over", () => {
  const cursor = new Cursor("e", 4);
  assert.equal(cursor.delta(6, 9), "gap");
  assert.equal(cursor.at, 4);
});

test("the page has caught up when it shows what the server had", () => {
  const cursor = new Cursor("e", 4);
  cursor.welcome("e", 6);
  assert.equal(cursor.caughtUp, false);
  cursor.delta(4, 6);
  assert.equal(cursor.caughtUp, true);
});

test("each close code has its way on", () => {
  const ways = [4000, 4001, 4002, 4003, 4004, 1012, 1006].map(afterClose);
  assert.deepEqual(ways, ["reload", "leave", "reload", "now", "leave", "later", "later"]);
});

test("the text of a close says why the session is over, or nothing does", () => {
  const reasons = ["logout", "expired", "revoked", "not signed in", ""].map(closeReason);
  assert.deepEqual(reasons, ["logout", "expired", "revoked", "unknown", "unknown"]);
});

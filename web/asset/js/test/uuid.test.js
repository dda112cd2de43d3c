import assert from "node:assert/strict";
import { test } from "node:test";
import { uuidv7 } from "../page/uuid.js";

test("a UUID carries its time, version and variant", () => {
  const id = uuidv7(0x017f22e279b0, new Uint8Array(16).fill(0xff));
  assert.equal(id, "017f22e2-79b0-7fff-bfff-ffffffffffff");
});

test("later ids sort after earlier ones", () => {
  assert.ok(uuidv7(1_700_000_000_000) < uuidv7(1_700_000_000_001));
});

test("ids of one moment differ", () => {
  assert.notEqual(uuidv7(5), uuidv7(5));
});

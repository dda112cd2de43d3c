import assert from "node:assert/strict";
import { test } from "node:test";
import { sentence } from "../page/mode.js";

const standing = { ready: false, online: true, bytes: 0, rows: 0 };

test("a copy that is being made is not one that is not kept", () => {
  assert.match(sentence(standing), /while this browser makes its copy/);
  assert.match(sentence({ ...standing, none: true }), /keeps no copy/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_COPY } from "../both/standing.js";
import { sentence } from "../page/mode.js";

const standing = { ...NO_COPY, none: false };

test("a copy that is being made is not one that is not kept", () => {
  assert.match(sentence(standing), /while this browser makes its copy/);
  assert.match(sentence({ ...standing, none: true }), /keeps no copy/);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Speed } from "../page/speed.js";
import { problemSentence } from "../both/upload-problem.js";

test("the server's own sentence goes first", () => {
  assert.equal(problemSentence(413, "At most 4 GB.", null), "At most 4 GB.");
});

test("an unreachable server has a sentence too", () => {
  assert.match(problemSentence(0, undefined, null), /cannot be reached/);
});

test("when to try again is said", () => {
  assert.match(problemSentence(429, undefined, "7"), /Try again in 7 s\.$/);
});

test("speed looks at the last seconds only", () => {
  const speed = new Speed();
  assert.equal(speed.perSecond(), 0);
  for (let s = 0; s <= 10; s++) speed.add(s < 5 ? s * 1000 : 5000 + (s - 5) * 100, s * 1000);
  assert.equal(speed.perSecond(), 100);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionEnd } from "../page/session-end.js";

const MIN = 60_000;
const HOUR = 60 * MIN;
const page = { at: 1000 * HOUR, now: 999 * HOUR, unused: HOUR };

test("an earlier end that is heard later changes nothing", () => {
  const end = new SessionEnd(page, 5000);
  end.hear(page.at + MIN, 5000 + MIN);
  end.hear(page.at, 5000 + MIN);
  assert.equal(end.left(5000 + MIN), HOUR);
});

test("while the session is in use its clock stands, and runs from then on", () => {
  const end = new SessionEnd({ ...page, at: page.at - MIN }, 0); // drawn in this browser, a while after the last use
  for (let ticks = 0; ticks <= 3 * HOUR; ticks += MIN) {
    end.use(ticks);
    assert.equal(end.left(ticks), HOUR);
  }
  assert.equal(end.left(3 * HOUR + 20 * MIN), 40 * MIN);
});

test("use does not go beyond the end that always holds", () => {
  const end = new SessionEnd({ ...page, by: page.at + 30 * MIN }, 0);
  end.use(HOUR);
  assert.equal(end.left(HOUR), 30 * MIN);
  end.use(2 * HOUR);
  assert.equal(end.left(2 * HOUR), 0);
});

test("an end that is much later comes from a copy in this browser, and is said", () => {
  const end = new SessionEnd(page, 0);
  end.hear(page.at + 20 * MIN, 20 * MIN); // used, and no more
  assert.equal(end.offline, false);
  end.hear(page.now + 20 * MIN + 8 * HOUR + 700, 20 * MIN);
  assert.equal(end.offline, true);
  end.use(25 * MIN);
  assert.equal(end.left(25 * MIN), 8 * HOUR);
});

test("a short time is shown as it is", () => {
  const end = new SessionEnd({ at: page.now + 4321, now: page.now, unused: 4321 }, 0);
  end.use(100);
  assert.equal(end.left(100), 4321);
});

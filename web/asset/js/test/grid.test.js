import assert from "node:assert/strict";
import { test } from "node:test";
import { Columns } from "../page/grid-columns.js";
import { Scale } from "../page/grid-scale.js";

const view = 700;

test("every row can be reached, and the way back leads to the same place", () => {
  for (const rows of [1, 30, 285_000, 1_000_000, 10_000_000, 400_000_000]) {
    const scale = new Scale(rows, 28);
    assert.ok(scale.canvas <= 8_000_000);
    if (scale.height < view) continue;
    const last = scale.height - view;
    assert.equal(scale.toPlace(0, view), 0);
    assert.equal(scale.toPlace(scale.canvas - view, view), last);
    for (let i = 0; i <= 1000; i++) {
      const place = Math.round((last * i) / 1000);
      const scroll = scale.toScroll(place, view);
      assert.ok(scroll >= 0 && scroll <= scale.canvas - view);
      assert.ok(Math.abs(scale.toPlace(scroll, view) - place) <= Math.max(1, scale.slope(view)), `${rows} rows, place ${place}`);
    }
  }
});

test("places rise with the scroll bar", () => {
  const scale = new Scale(10_000_000, 28);
  let before = -1;
  for (let scroll = 0; scroll <= scale.canvas - view; scroll += 997) {
    const place = scale.toPlace(scroll, view);
    assert.ok(place > before);
    before = place;
  }
});

test("columns stand side by side, pinned ones first", () => {
  const column = (/** @type {number} */ stored, /** @type {boolean} */ pinned) => ({ name: `c${stored}`, kind: "", numeric: false, stored, width: 50 + stored, pinned });
  const columns = new Columns([column(0, false), column(1, true), column(2, false), column(3, true), column(4, false)]);
  assert.deepEqual(columns.list.map((c) => c.stored), [1, 3, 0, 2, 4]);
  assert.equal(columns.pinnedWidth, 51 + 53);
  assert.equal(columns.width, 50 + 52 + 54);
  assert.deepEqual(columns.between(0, 40), [2, 3]);
  assert.deepEqual(columns.between(50, 103), [3, 5]);
  assert.deepEqual([0, 60, 103, 104, 160, 999].map((x) => columns.under(x, 0)), [0, 1, 1, 2, 3, 4]);
  assert.equal(columns.under(104, 60), 3);
});

test("16,384 columns stay within what a browser can scroll", () => {
  const columns = new Columns(Array.from({ length: 16_384 }, (_, stored) => ({ name: "c", kind: "", numeric: false, stored, width: 480, pinned: false })));
  assert.ok(columns.width < 8_000_000);
  assert.deepEqual(columns.between(columns.width - 1, columns.width + 1000), [16_383, 16_384]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Layout } from "../page/grid-layout.js";

const columns = () => [..."abcde"].map((name, stored) => ({ name, kind: "", numeric: false, stored, width: 100, pinned: false }));

/** @param {import("../page/grid-columns.js").GridColumn[]} list */
const names = (list) => list.map(({ name }) => name).join("");

test("columns stand as they were left, those that are not named as stored", () => {
  const list = new Layout({ order: [3, 1], pinned: [4], widths: { 1: 300 } }).arrange(columns());
  assert.equal(names(list), "dbace");
  assert.deepEqual(list.map(({ width }) => width), [100, 300, 100, 100, 100]);
  assert.deepEqual(list.filter(({ pinned }) => pinned).map(({ name }) => name), ["e"]);
});

test("a column moves by a place, past what is hidden and never among pinned ones", () => {
  const layout = new Layout();
  let shown = columns().filter(({ name }) => name !== "c"); // hidden
  layout.move(shown, shown[1], 1, 5);
  assert.equal(names(layout.arrange(columns())), "acdbe");
  shown = layout.arrange(shown);
  assert.equal(names(shown), "adbe");
  layout.move(shown, shown[3], 1, 5);
  assert.equal(names(layout.arrange(columns())), "acdbe");
  shown[0].pinned = true;
  layout.move(shown, shown[1], -1, 5);
  assert.equal(names(layout.arrange(columns())), "acdbe");
});

test("a layout is told as it was made, within the widths that there are", () => {
  const layout = new Layout();
  const [a, b, c] = columns();
  layout.widen(c, 9999);
  layout.widen(a, 10.4);
  layout.turnPin(b);
  layout.turnPin(a);
  layout.turnPin(b);
  layout.hidden.add(4).add(3);
  assert.deepEqual(layout.value(), { order: [], pinned: [0], hidden: [3, 4], widths: { 0: 48, 2: 480 } });
  assert.ok(layout.equals(new Layout(JSON.parse(JSON.stringify(layout.value())))));
  assert.ok(!layout.equals(new Layout()));
});

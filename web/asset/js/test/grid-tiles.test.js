import assert from "node:assert/strict";
import { test } from "node:test";

Object.assign(globalThis, { window: globalThis, document: Object.assign(new EventTarget(), { getElementById: () => null }), location: new URL("http://ret.example/tables/t") });
const { TILE_ROWS, Tiles } = await import("../page/grid-tiles.js");

test("rows that are left and looked at again before their request has ended are asked for again", async (t) => {
  let came = () => {};
  const there = new Promise((resolve) => (came = () => resolve(undefined)));
  /** @type {string[]} */
  const asked = [];
  t.mock.method(globalThis, "fetch", async (/** @type {string} */ path, /** @type {{ signal: AbortSignal }} */ { signal }) => {
    asked.push(path);
    if (asked.length === 1) await new Promise((_, reject) => signal.addEventListener("abort", reject)); // has no answer yet
    return Response.json({ rows: Array.from({ length: TILE_ROWS }, () => ["a"]) });
  });
  const tiles = new Tiles({ table: "t", view: new URLSearchParams(), rows: 10 * TILE_ROWS, columns: 1 }, () => void (tiles.value(0, 0) && came()));
  t.after(() => tiles.end());
  tiles.want([[0, 0]]);
  tiles.want([[5 * TILE_ROWS, 0]]); // as a jump does
  tiles.want([[0, 0]]); // and back, at once
  await Promise.race([there, new Promise((_, reject) => setTimeout(reject, 10_000, new Error("the rows never came")).unref())]);
  assert.equal(tiles.value(0, 0), "a");
});

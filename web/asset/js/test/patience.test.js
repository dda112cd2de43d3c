import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { Fetches } from "../worker/fetches.js";
import { whileThere } from "../page/patience.js";

test("a slow server is waited for as long as it is there", async () => {
  let come = (/** @type {string} */ _) => {};
  const answer = new Promise((/** @type {(text: string) => void} */ resolve) => (come = resolve));
  let looked = 0;
  const isThere = async () => {
    if (++looked === 3) come("late");
    return true;
  };
  assert.equal(await whileThere(answer, isThere, 20), "late");
  assert.equal(looked, 3);
});

test("one that is gone is not", async () => {
  await assert.rejects(whileThere(new Promise(() => {}), async () => false, 20), /gone/);
});

test("who gives a question up ends its request at the server", async (t) => {
  const server = createServer(() => {}).listen(0, "127.0.0.1"); // it never answers
  t.after(() => server.close());
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  /** @type {string[]} */
  const began = [];
  const fetches = new Fetches((question) => began.push(question));
  const answer = fetches.ask("q", `http://127.0.0.1:${port}/`);
  const [, response] = await once(server, "request");
  const ended = once(response, "close");
  fetches.cancel("q");
  await ended;
  assert.deepEqual(await answer, { status: 0, body: "" });
  assert.deepEqual(began, ["q"]);
  assert.equal(fetches.open.size, 0);
});

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { Fetches } from "../worker/fetches.js";
import { whileThere } from "../page/patience.js";

/** @param {number} ms @returns {Promise<string>} */
const late = (ms) => new Promise((resolve) => setTimeout(resolve, ms, "late"));

test("a slow server is waited for as long as it is there", async () => {
  let looked = 0;
  assert.equal(await whileThere(late(100), async () => ++looked > 0, 20), "late");
  assert.ok(looked >= 2);
});

test("one that is gone is not", async () => {
  await assert.rejects(whileThere(late(200), async () => false, 20), /gone/);
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

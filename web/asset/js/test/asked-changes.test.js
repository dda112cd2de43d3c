import assert from "node:assert/strict";
import { test } from "node:test";
import { AskedChanges } from "../page/asked-changes.js";

const mutation = { name: "file.delete", args: { id: "f" } };

test("a change keeps its id until whoever leads has answered it", async () => {
  /** @type {MutateAsk[]} */
  const heard = [];
  const changes = new AskedChanges();
  const answer = changes.ask(mutation, (change) => heard.push(change)); // to who leads and is gone
  changes.again((change) => heard.push(change));
  assert.equal(changes.size, 1);
  assert.deepEqual(heard[1], heard[0]);
  changes.answered({ ask: heard[0].ask, type: "taken" });
  assert.equal((await answer).type, "taken");
  changes.answered({ ask: heard[0].ask, type: "taken" }); // of who heard it twice
  changes.again((change) => heard.push(change));
  assert.equal(heard.length, 2);
});

test("what nobody will answer is known as such", async () => {
  const changes = new AskedChanges();
  const answer = changes.ask(mutation, () => {});
  changes.giveUp();
  assert.equal((await answer).type, "silent");
  assert.equal(changes.size, 0);
});

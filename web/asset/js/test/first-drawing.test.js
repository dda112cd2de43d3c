import assert from "node:assert/strict";
import { test } from "node:test";
import { firstDrawing } from "../page/first-drawing.js";

/**
 * A worker's end and its page's, connected as a browser does.
 * @param {import("node:test").TestContext} t @param {(question: { id: string, path: string }) => void} onDraw
 */
function pair(t, onDraw) {
  const { port1, port2 } = new MessageChannel();
  port2.onmessage = ({ data }) => onDraw(data);
  port1.start();
  t.after(() => port1.close());
  return { page: port1, worker: port2 };
}

/** @param {MessagePort} port */
function heardBy(port) {
  return new Promise((resolve) => (port.onmessage = ({ data }) => resolve(data)));
}

test("who takes the worker over hears it after the first page's time is up", async (t) => {
  const { page, worker } = pair(t, ({ id }) => worker.postMessage({ type: "drawn", id, status: 200, html: "<p>" }));
  assert.equal((await firstDrawing(page, "/jobs", 150)).html, "<p>");
  const next = heardBy(page); // as replica.js does
  await new Promise((resolve) => setTimeout(resolve, 300)); // past the time that it had
  worker.postMessage({ frame: "f" });
  assert.deepEqual(await Promise.race([next, new Promise((resolve) => setTimeout(resolve, 500, "deaf"))]), { frame: "f" });
});

test("nobody is asked any more once the page is there", async (t) => {
  let asked = 0;
  const { page, worker } = pair(t, ({ id }) => {
    asked++;
    worker.postMessage({ type: "drawn", id, status: 200, html: "<p>" });
  });
  await firstDrawing(page, "/jobs");
  await new Promise((resolve) => setTimeout(resolve, 250));
  assert.equal(asked, 1);
});

test("a worker that does not answer in time is given up", async (t) => {
  const { page } = pair(t, () => {});
  assert.deepEqual(await firstDrawing(page, "/jobs", 50), {});
});

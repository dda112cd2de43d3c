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

/** Longer than any message takes. */
const LATE_MS = 10_000;

test("who takes the worker over hears it after the first page's time is up", async (t) => {
  const deaf = new Promise((resolve) => setTimeout(resolve, LATE_MS, "deaf").unref());
  t.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  const { page, worker } = pair(t, ({ id }) => worker.postMessage({ type: "drawn", id, status: 200, html: "<p>" }));
  assert.equal((await firstDrawing(page, "/jobs", 150)).html, "<p>");
  const next = heardBy(page); // as replica.js does
  t.mock.timers.tick(300); // past the time that it had
  worker.postMessage({ frame: "f" });
  assert.deepEqual(await Promise.race([next, deaf]), { frame: "f" });
});

test("nobody is asked any more once the page is there", async (t) => {
  t.mock.timers.enable({ apis: ["setInterval", "setTimeout"] });
  let asked = 0;
  let end = () => {};
  const ended = new Promise((resolve) => (end = () => resolve(undefined)));
  const { page, worker } = pair(t, ({ id }) => {
    if (id === "last") return end();
    asked++;
    worker.postMessage({ type: "drawn", id, status: 200, html: "<p>" });
  });
  await firstDrawing(page, "/jobs");
  t.mock.timers.tick(1000);
  page.postMessage({ id: "last" });
  await ended;
  assert.equal(asked, 1);
});

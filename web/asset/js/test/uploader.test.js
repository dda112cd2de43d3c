import assert from "node:assert/strict";
import { test } from "node:test";
import { Uploader } from "../worker/uploader.js";

const MIB = 1 << 20;

/** A store in memory. @param {PendingUpload[]} records @param {Record<string, Blob>} files */
function memory(records, files) {
  return {
    records: async () => records.map((r) => ({ ...r })),
    file: async (/** @type {string} */ id) => ({ slice: async (/** @type {number} */ from, /** @type {number} */ to) => new Uint8Array(await files[id].slice(from, to).arrayBuffer()) }),
    write: async (/** @type {PendingUpload} */ record) => void records.splice(records.findIndex((r) => r.id === record.id), 1, record),
    remove: async (/** @type {string} */ id) => void records.splice(0, records.length, ...records.filter((r) => r.id !== id)),
  };
}

/** @param {string} id @param {number} size @returns {PendingUpload} */
function pending(id, size) {
  return { id, name: `${id}.xml`, size, sha256: "00", convert: true, options: {}, job: `job of ${id}` };
}

/** A server that keeps offsets, and fails as `fault` says before each request. */
class Server {
  constructor() {
    /** @type {Map<string, number>} */
    this.offsets = new Map();
    /** @type {string[]} */
    this.log = [];
    /** @type {(line: string) => Response | Error | undefined} */
    this.fault = () => undefined;
  }

  /** @param {string} path @param {RequestInit} request @returns {Promise<Response>} */
  ask = async (path, request) => {
    const id = path.split("/").at(-1) ?? "";
    const at = Number(new Headers(request.headers).get("Upload-Offset"));
    const line = `${request.method} ${id}${request.method === "PATCH" ? ` ${at}` : ""}`;
    this.log.push(line);
    const fault = this.fault(line);
    if (fault instanceof Error) throw fault;
    if (fault) return fault;
    const have = this.offsets.get(id);
    switch (request.method) {
      case "GET":
        return have === undefined ? answer(404) : answer(200, { id, offset: have });
      case "PATCH":
        if (at !== (have ?? 0)) return answer(409, {}, { "Upload-Offset": String(have ?? 0) });
        this.offsets.set(id, at + /** @type {Uint8Array} */ (request.body).length);
        return answer(204, null, { "Upload-Offset": String(this.offsets.get(id)) });
      case "POST":
        return path.endsWith("/jobs") ? answer(202, {}) : answer(201, {});
      default:
        return answer(204, null);
    }
  };
}

/** @param {number} status @param {object | null} [body] @param {Record<string, string>} [headers] */
function answer(status, body = {}, headers = {}) {
  return new Response(body && JSON.stringify(body), { status, headers });
}

/** @param {Server} server @param {ReturnType<typeof memory>} store */
function uploader(server, store) {
  /** @type {UploadReport[]} */
  const reports = [];
  const u = new Uploader(store, (report) => reports.push(report), server.ask);
  return { u, reports };
}

test("a file goes up in pieces, is completed and forgotten", async () => {
  const server = new Server();
  const records = [pending("a", 2 * MIB + 5)];
  const { u, reports } = uploader(server, memory(records, { a: new Blob([new Uint8Array(2 * MIB + 5)]) }));
  await u.wake();
  assert.deepEqual(server.log, ["GET a", "PATCH a 0", `PATCH a ${MIB}`, `PATCH a ${2 * MIB}`, "POST a"]);
  assert.deepEqual(records, []);
  assert.equal(reports.at(-1)?.done, "a");
});

test("an empty file is sent too", async () => {
  const server = new Server();
  const { u } = uploader(server, memory([pending("a", 0)], { a: new Blob([]) }));
  await u.wake();
  assert.deepEqual(server.log, ["GET a", "PATCH a 0", "POST a"]);
});

test("after a cut it goes on where the server stands", async () => {
  const server = new Server();
  const records = [pending("a", 2 * MIB)];
  const { u } = uploader(server, memory(records, { a: new Blob([new Uint8Array(2 * MIB)]) }));
  server.fault = (line) => (line === `PATCH a ${MIB}` ? new TypeError("cut") : undefined);
  await u.wake();
  clearTimeout(u.timer);
  assert.equal(records.length, 1);
  assert.equal(u.failures, 1);
  server.offsets.set("a", MIB + 10); // a part of the piece arrived
  server.fault = () => undefined;
  server.log = [];
  await u.wake();
  assert.deepEqual(server.log, ["GET a", `PATCH a ${MIB + 10}`, "POST a"]);
  assert.deepEqual(records, []);
});

test("content that arrived damaged is sent again from the start, but not for ever", async () => {
  const server = new Server();
  const records = [pending("a", 3)];
  const { u, reports } = uploader(server, memory(records, { a: new Blob(["abc"]) }));
  server.fault = (line) => {
    if (line !== "POST a") return undefined;
    server.offsets.delete("a");
    return answer(409, { detail: "Other content." }, { "Upload-Offset": "0" });
  };
  await u.wake();
  assert.equal(server.log.filter((line) => line === "PATCH a 0").length, 4);
  assert.match(reports.at(-1)?.uploads[0].refused ?? "", /damaged/);
});

test("what the server refuses stays listed with its sentence, and others go on", async () => {
  const server = new Server();
  const records = [pending("a", 3), pending("b", 3)];
  const files = { a: new Blob(["abc"]), b: new Blob(["abc"]) };
  const { u, reports } = uploader(server, memory(records, files));
  server.fault = (line) => (line === "PATCH a 0" ? answer(413, { detail: "Too large." }) : undefined);
  await u.wake();
  assert.deepEqual(reports.at(-1)?.uploads.map((r) => [r.id, r.refused]), [["a", "Too large."]]);
  server.log = [];
  await u.wake();
  assert.deepEqual(server.log, []);
  await u.drop("a");
  assert.deepEqual(records, []);
});

test("without a session nothing is tried again", async () => {
  const server = new Server();
  const { u } = uploader(server, memory([pending("a", 3)], { a: new Blob(["abc"]) }));
  server.fault = () => answer(401);
  await u.wake();
  assert.equal(u.timer, undefined);
  assert.deepEqual(server.log, ["GET a"]);
});

test("a server that asks to wait is waited for", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const server = new Server();
  const records = [pending("a", 3)];
  const { u } = uploader(server, memory(records, { a: new Blob(["abc"]) }));
  server.fault = () => answer(429, {}, { "Retry-After": "60" });
  await u.wake();
  server.fault = () => undefined;
  server.log = [];
  t.mock.timers.tick(59_000);
  assert.deepEqual(server.log, []);
  t.mock.timers.tick(1000);
  assert.equal(u.busy, true);
});

test("files that merge have one job, after the last", async () => {
  const server = new Server();
  const alone = { convert: false, job: undefined };
  const records = [
    { ...pending("a", 1), ...alone },
    { ...pending("b", 1), ...alone, then: { job: "j", files: ["a", "b"], options: { merge: true } } },
  ];
  const { u } = uploader(server, memory(records, { a: new Blob(["x"]), b: new Blob(["y"]) }));
  await u.wake();
  assert.deepEqual(server.log.at(-1), "POST jobs");
  assert.deepEqual(records, []);
});

test("a server without room is told to the person, who has it tried again", async () => {
  const server = new Server();
  const records = [pending("a", 3), pending("b", 3)];
  const { u, reports } = uploader(server, memory(records, { a: new Blob(["abc"]), b: new Blob(["abc"]) }));
  server.fault = (line) => (line === "PATCH a 0" ? answer(507, { detail: "No room is left." }) : undefined);
  await u.wake();
  assert.equal(reports.at(-1)?.uploads[0].refused, "No room is left.");
  assert.deepEqual(records.map((r) => r.id), ["a"], "the other one has gone up");
  server.fault = () => undefined;
  await u.retry("a");
  assert.deepEqual(records, []);
  assert.equal(reports.at(-1)?.done, "a");
});

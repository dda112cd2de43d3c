import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import ts from "typescript";

// What Go says of the same messages, see build/vectors and shared/wire.
const root = new URL("../../../../", import.meta.url);
const types = fileURLToPath(new URL("../types.d.ts", import.meta.url));

/** @param {string} path @returns {any[]} */
const read = (path) => JSON.parse(readFileSync(new URL(path, root), "utf8"));

/** The frames that pages get: of a delta they want HTML, and changes go by the outbox. @param {any} frame */
const forPages = ({ type, changes = [] }) => ["welcome", "reset", "delta", "progress", "purge"].includes(type) && changes.every((/** @type {any} */ change) => "target" in change);

const vectors = [
  ...read("wasm/engine/testdata/messages.json").map(({ name, js, value }) => ({ name, js, value })),
  ...read("wasm/converter/testdata/messages.json").map(({ name, js, value }) => ({ name, js, value })),
  ...read("shared/wire/testdata/frames.json").filter(({ from, means }) => from === "server" && forPages(means)).map(({ name, means }) => ({ name, js: "ServerFrame", value: means })),
];

/**
 * What the checker finds wrong with values of types, by their place in the list.
 * @param {{ js: string, value: unknown }[]} list
 */
function faults(list) {
  const file = fileURLToPath(new URL("vectors.ts", import.meta.url));
  const text = list.map(({ js, value }, i) => `export const v${i}: ${js} = ${JSON.stringify(value)};`).join("\n");
  const options = { strict: true, noEmit: true, skipLibCheck: true, types: [], target: ts.ScriptTarget.ES2022, lib: ["lib.es2022.d.ts", "lib.dom.d.ts"] };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, ...more) => (name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...more));
  host.fileExists = (name) => name === file || fileExists(name);
  const program = ts.createProgram([file, types], options, host);
  const source = program.getSourceFile(file);
  return program.getSemanticDiagnostics(source).map(({ start = 0, messageText }) => {
    const line = source?.getLineAndCharacterOfPosition(start).line ?? 0;
    return `${line}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`;
  });
}

test("the types of messages are what the vectors say", () => {
  assert.ok(vectors.length > 20);
  const found = faults(vectors).map((fault) => `${vectors[Number.parseInt(fault, 10)].name}: ${fault}`);
  assert.deepEqual(found, []);
});

test("a field that is missing, of another kind or unknown is found", () => {
  const found = faults([
    { js: "EngineFrame", value: { type: "taken", ask: "a" } },
    { js: "EngineFrame", value: { type: "taken", ask: "a", n: "3" } },
    { js: "ServerFrame", value: { type: "purge", epoch: "e", reason: "logout", colour: 1 } },
    { js: "ServerFrame", value: { type: "nosuch" } },
  ]);
  assert.deepEqual(found.map((fault) => Number.parseInt(fault, 10)), [0, 1, 2, 3]);
});

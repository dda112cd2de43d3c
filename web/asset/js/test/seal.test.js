import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { CHUNK_BYTES, SealKey } from "../both/seal.js";

/** Parts that Go has sealed. @type {{ Secret: string, Bytes: number, Sealed: string }[]} */
const vectors = JSON.parse(readFileSync(new URL("../../../../shared/seal/testdata/parts.json", import.meta.url), "utf8"));

/** @param {string} text */
const decoded = (text) => new Uint8Array(Buffer.from(text, "base64"));

/** @param {number} n */
const content = (n) => Uint8Array.from({ length: n }, (_, i) => 7 * i);

test("what Go has sealed is read", async () => {
  for (const { Secret, Bytes, Sealed } of vectors) {
    const key = await SealKey.of(decoded(Secret));
    assert.deepEqual(await key.read(new Blob([decoded(Sealed)])), content(Bytes));
  }
});

test("what is sealed in pieces is read at any place", async () => {
  const key = await SealKey.of(crypto.getRandomValues(new Uint8Array(32)));
  const size = 5 * CHUNK_BYTES + 3;
  const plain = content(size);
  const writer = await key.begin();
  const pieces = [writer.header, await writer.seal(plain.subarray(0, 2 * CHUNK_BYTES), false), await writer.seal(plain.subarray(2 * CHUNK_BYTES), true)];
  const part = await key.open(new Blob(pieces));
  assert.equal(part.size, size);
  for (const [from, to] of [[0, size], [1, 2], [CHUNK_BYTES - 1, CHUNK_BYTES + 1], [2 * CHUNK_BYTES, 4 * CHUNK_BYTES], [size - 1, size], [size, size]]) {
    assert.deepEqual(await part.slice(from, to), plain.subarray(from, to), `${from} to ${to}`);
  }
});

test("what was changed, swapped or cut off is not read", async () => {
  const key = await SealKey.of(crypto.getRandomValues(new Uint8Array(32)));
  const sealed = await key.seal(content(2 * CHUNK_BYTES + 5));
  const chunk = CHUNK_BYTES + 16;
  const swapped = new Uint8Array(sealed);
  swapped.set(sealed.subarray(32, 32 + chunk), 32 + chunk);
  const changes = [8, 40, sealed.length - 1].map((at) => sealed.map((byte, i) => (i === at ? byte ^ 1 : byte)));
  for (const bad of [...changes, swapped, sealed.slice(0, -21), sealed.slice(0, 20), new Uint8Array(0)]) {
    await assert.rejects(key.read(new Blob([bad])));
  }
  const other = await SealKey.of(crypto.getRandomValues(new Uint8Array(32)));
  await assert.rejects(other.read(new Blob([sealed])));
});

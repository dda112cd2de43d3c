// Ids made by the client, so that an upload tried again is the same upload.

/**
 * A UUID of version 7 (RFC 9562): milliseconds, then randomness.
 * @param {number} [now] milliseconds since 1970
 * @param {Uint8Array} [random] 16 bytes
 */
export function uuidv7(now = Date.now(), random = crypto.getRandomValues(new Uint8Array(16))) {
  const b = Uint8Array.from(random);
  for (let i = 5, ms = now; i >= 0; i--, ms = Math.floor(ms / 256)) b[i] = ms % 256;
  b[6] = 0x70 | (b[6] & 0x0f);
  b[8] = 0x80 | (b[8] & 0x3f);
  const hex = Array.from(b, (x) => x.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

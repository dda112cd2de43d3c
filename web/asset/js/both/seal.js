// Encrypts what scripts keep, in the form of the Go package shared/seal: a header
// with a mark and a salt, then chunks by AES-256-GCM, of which each says where it
// belongs and the last one that it is. So any place can be read by itself, and what
// was changed or cut off is noticed.

const MARK = new TextEncoder().encode("RETseal1");
const HEADER_BYTES = 32;
const TAG_BYTES = 16;
const NONCE_BYTES = 12;
const LAST = 0x80;

/** How much is encrypted together. */
export const CHUNK_BYTES = 16 << 10;

const none = new Uint8Array(0);

/** The key of all that is kept. Each sealed part has one of its own, made of it and a salt. */
export class SealKey {
  /** @param {CryptoKey} base */
  constructor(base) {
    this.base = base;
  }

  /** @param {Uint8Array<ArrayBuffer>} secret of 32 bytes */
  static async of(secret) {
    return new SealKey(await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveKey"]));
  }

  /** Seals what is in memory. @param {Uint8Array<ArrayBuffer>} content */
  async seal(content) {
    const part = await this.begin();
    return joined([part.header, await part.seal(content, true)]);
  }

  /** Begins a part, which may be long. @returns {Promise<PartWriter>} */
  async begin() {
    const header = new Uint8Array(HEADER_BYTES);
    header.set(MARK);
    crypto.getRandomValues(header.subarray(MARK.length));
    return new PartWriter(header, await this.cipher(header));
  }

  /** @param {Blob} sealed @returns {Promise<Part>} rejected for what is no part */
  async open(sealed) {
    const header = new Uint8Array(await sealed.slice(0, HEADER_BYTES).arrayBuffer());
    const length = sealed.size - HEADER_BYTES;
    if (length < TAG_BYTES || MARK.some((byte, i) => header[i] !== byte)) throw new Error("not sealed");
    return new Part(sealed, Math.ceil(length / (CHUNK_BYTES + TAG_BYTES)), await this.cipher(header));
  }

  /** All of a small part. @param {Blob} sealed @returns {Promise<Uint8Array<ArrayBuffer>>} */
  async read(sealed) {
    const part = await this.open(sealed);
    return part.slice(0, part.size);
  }

  /** @param {Uint8Array<ArrayBuffer>} header */
  async cipher(header) {
    const how = { name: "HKDF", hash: "SHA-256", salt: header.subarray(MARK.length), info: new TextEncoder().encode("ret part") };
    const key = await crypto.subtle.deriveKey(how, this.base, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
    return new Cipher(key, await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce(0) }, key, none));
  }
}

/** What a part is encrypted with. */
class Cipher {
  /** @param {CryptoKey} key @param {ArrayBuffer} bound that each chunk is bound to */
  constructor(key, bound) {
    this.key = key;
    this.bound = new Uint8Array(bound);
  }

  /** @param {number} i the chunk's place @param {boolean} last */
  how(i, last) {
    const additionalData = joined([new Uint8Array([last ? LAST : 0]), this.bound]);
    return { name: "AES-GCM", iv: nonce(i + 1), additionalData };
  }
}

/** Seals a part piece by piece. */
class PartWriter {
  /** @param {Uint8Array<ArrayBuffer>} header which comes first @param {Cipher} cipher */
  constructor(header, cipher) {
    this.header = header;
    this.cipher = cipher;
    this.chunks = 0;
  }

  /**
   * The next piece, of whole chunks if it is not the last.
   * @param {Uint8Array<ArrayBuffer>} piece @param {boolean} last
   */
  async seal(piece, last) {
    const begins = starts(Math.max(1, piece.length));
    const sealed = begins.map((at, i) => {
      const how = this.cipher.how(this.chunks + i, last && i === begins.length - 1);
      return crypto.subtle.encrypt(how, this.cipher.key, piece.subarray(at, at + CHUNK_BYTES));
    });
    this.chunks += begins.length;
    return joined(await Promise.all(sealed));
  }
}

/** A sealed part that is read. */
export class Part {
  /** @param {Blob} sealed @param {number} chunks @param {Cipher} cipher */
  constructor(sealed, chunks, cipher) {
    this.sealed = sealed;
    this.chunks = chunks;
    this.cipher = cipher;
    /** How long the content is. */
    this.size = sealed.size - HEADER_BYTES - chunks * TAG_BYTES;
  }

  /**
   * What lies between two places of the content; rejected if it was changed.
   * @param {number} from @param {number} to @returns {Promise<Uint8Array<ArrayBuffer>>}
   */
  async slice(from, to) {
    const first = Math.floor(from / CHUNK_BYTES);
    const end = Math.min(this.chunks, Math.max(first + 1, Math.ceil(to / CHUNK_BYTES)));
    const length = CHUNK_BYTES + TAG_BYTES;
    const bytes = await this.sealed.slice(HEADER_BYTES + first * length, HEADER_BYTES + end * length).arrayBuffer();
    const opened = [];
    for (let i = first; i < end; i++) {
      const chunk = new Uint8Array(bytes).subarray((i - first) * length, (i - first + 1) * length);
      opened.push(crypto.subtle.decrypt(this.cipher.how(i, i === this.chunks - 1), this.cipher.key, chunk));
    }
    const at = first * CHUNK_BYTES;
    return joined(await Promise.all(opened)).subarray(from - at, to - at);
  }
}

/** @param {number} i */
function nonce(i) {
  const bytes = new Uint8Array(NONCE_BYTES);
  new DataView(bytes.buffer).setUint32(NONCE_BYTES - 4, i, true);
  return bytes;
}

/** Where the chunks of so many bytes begin. @param {number} length */
function starts(length) {
  return Array.from({ length: Math.ceil(length / CHUNK_BYTES) }, (_, i) => i * CHUNK_BYTES);
}

/** @param {(ArrayBuffer | Uint8Array<ArrayBuffer>)[]} parts */
function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part instanceof ArrayBuffer ? new Uint8Array(part) : part, at);
    at += part.byteLength;
  }
  return all;
}

// The values of a grid, which come in tiles of rows and columns as they are looked at.
// What was scrolled past before it came is not waited for.
import { SERVER_BACK } from "./connection.js";
import { ReadProblem, readTable, tablePath } from "./table-read.js";

export const TILE_ROWS = 100;
export const TILE_COLUMNS = 64;

/** How many requests are under way at once, and how soon one may follow another. */
const AT_ONCE = 2;
const APART_MS = 40;

/** How many characters are kept, and how many tiles at least. */
const MOST_CHARACTERS = 8_000_000;
const LEAST_TILES = 8;

/** More than a spreadsheet's tiles side by side. */
const ACROSS = 512;

/**
 * @typedef {object} Tile
 * @property {(string | null)[][]} rows null is absent
 * @property {number[] | undefined} numbers which rows of the table they are, from 1
 * @property {number} characters
 * @property {boolean} elsewhere this browser has no such rows, and no server is there
 */

export class Tiles {
  /**
   * @param {object} of
   * @param {string} of.table its id
   * @param {URLSearchParams} of.view the rows' order and filters
   * @param {number} of.rows of the view
   * @param {number} of.columns of the table
   * @param {(problem: ReadProblem | null) => void} changed hears that more is there, or why not
   */
  constructor(of, changed) {
    this.of = of;
    this.changed = changed;
    /** The last used ones last. @type {Map<number, Tile>} */
    this.tiles = new Map();
    /** @type {number[]} what is looked at and not there, the nearest first */
    this.wanted = [];
    /** @type {Map<number, AbortController>} */
    this.open = new Map();
    this.lastBegun = -Infinity;
    this.notBefore = 0;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.ended = new AbortController();
    document.addEventListener(SERVER_BACK, () => this.tryAgain(), { signal: this.ended.signal });
  }

  /** Nobody looks any more. */
  end() {
    this.ended.abort();
    clearTimeout(this.timer);
    for (const control of this.open.values()) control.abort();
    this.tiles.clear();
    this.wanted = [];
  }

  /** @param {number} row its place @param {number} column of the table @returns {Tile | undefined} */
  tile(row, column) {
    return this.tiles.get(key(row, column));
  }

  /**
   * @param {number} row its place in the view, from 0 @param {number} column of the table
   * @returns {string | null | undefined} null is absent, undefined is not there yet
   */
  value(row, column) {
    const tile = this.tile(row, column);
    return tile?.rows[row % TILE_ROWS]?.[column % TILE_COLUMNS];
  }

  /** Which row of the table stands at a place, from 1; 0 if that is not known yet. @param {number} row @param {number} column one that is looked at */
  number(row, column) {
    const tile = this.tile(row, column);
    if (!tile || row % TILE_ROWS >= tile.rows.length) return 0;
    return tile.numbers ? tile.numbers[row % TILE_ROWS] : row + 1;
  }

  /**
   * What is looked at from now on, the most wanted first.
   * @param {Iterable<[row: number, column: number]>} places one of each tile
   */
  want(places) {
    const wanted = new Set();
    for (const [row, column] of places) wanted.add(key(row, column));
    for (const [k, control] of this.open) {
      if (wanted.has(k)) continue;
      control.abort();
      this.open.delete(k); // who comes back before it has ended asks anew
    }
    this.wanted = [];
    for (const k of wanted) {
      const tile = this.tiles.get(k);
      if (tile) {
        this.tiles.delete(k); // and last used
        this.tiles.set(k, tile);
      } else if (!this.open.has(k)) this.wanted.push(k);
    }
    this.go();
  }

  go() {
    clearTimeout(this.timer);
    if (this.wanted.length === 0 || this.open.size >= AT_ONCE || this.ended.signal.aborted) return;
    const now = performance.now();
    const wait = Math.max(this.lastBegun + APART_MS, this.notBefore) - now;
    if (wait > 0) {
      this.timer = setTimeout(() => this.go(), wait);
      return;
    }
    this.lastBegun = now;
    const next = /** @type {number} */ (this.wanted.shift());
    this.fetch(next);
    this.go();
  }

  /** @param {number} k */
  async fetch(k) {
    const control = new AbortController();
    this.open.set(k, control);
    try {
      const tile = await this.read(k, control.signal);
      this.tiles.set(k, tile);
      this.trim();
      this.changed(null);
    } catch (problem) {
      if (!control.signal.aborted) this.failed(k, problem);
    } finally {
      if (this.open.get(k) === control) this.open.delete(k);
      this.go();
    }
  }

  /** @param {number} k @param {unknown} problem */
  failed(k, problem) {
    if (!(problem instanceof ReadProblem)) throw problem;
    if (problem.status === 429) {
      this.notBefore = performance.now() + 1000 * Math.max(1, problem.wait);
      this.wanted.push(k);
      return;
    }
    this.tiles.set(k, { rows: [], numbers: undefined, characters: 0, elsewhere: true });
    this.changed(problem);
  }

  /** The server is there again. */
  tryAgain() {
    for (const [k, tile] of this.tiles) if (tile.elsewhere) this.tiles.delete(k);
    this.changed(null);
  }

  /**
   * Reads a tile, in portions where its rows are large.
   * @param {number} k @param {AbortSignal} signal @returns {Promise<Tile>}
   */
  async read(k, signal) {
    const first = Math.floor(k / ACROSS) * TILE_ROWS;
    const due = Math.min(TILE_ROWS, this.of.rows - first);
    /** @type {Tile} */
    const tile = { rows: [], numbers: undefined, characters: 0, elsewhere: false };
    while (tile.rows.length < due) {
      const part = await readTable(this.path(first + tile.rows.length, due - tile.rows.length, k % ACROSS), signal);
      if (part.rows.length === 0) break; // the table is another one meanwhile
      tile.rows.push(...part.rows);
      if (part.numbers) tile.numbers = [...(tile.numbers ?? []), ...part.numbers];
    }
    for (const row of tile.rows) for (const value of row) tile.characters += 8 + (value?.length ?? 0);
    return tile;
  }

  /** @param {number} offset @param {number} limit @param {number} across which tile of those side by side */
  path(offset, limit, across) {
    const query = new URLSearchParams(this.of.view);
    query.set("offset", String(offset));
    query.set("limit", String(limit));
    if (this.of.columns > TILE_COLUMNS) {
      query.set("first_column", String(across * TILE_COLUMNS));
      query.set("columns", String(TILE_COLUMNS));
    }
    return tablePath(this.of.table, "rows", query);
  }

  /** Forgets what was looked at longest ago. */
  trim() {
    let characters = 0;
    for (const tile of this.tiles.values()) characters += tile.characters;
    for (const [k, tile] of this.tiles) {
      if (characters <= MOST_CHARACTERS || this.tiles.size <= LEAST_TILES) return;
      this.tiles.delete(k);
      characters -= tile.characters;
    }
  }
}

/** @param {number} row @param {number} column */
function key(row, column) {
  return Math.floor(row / TILE_ROWS) * ACROSS + Math.floor(column / TILE_COLUMNS);
}

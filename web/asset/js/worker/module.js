// Runs the module in the worker that leads, and watches whether it is alive.
import { fetchModule } from "./fetch-module.js";

/** How long the module may be silent before it counts as stuck. */
const SILENCE_MS = 10_000;

/** How many lines of its output are kept. */
const MOST_LINES = 100;

/** When the browser has compiled the module, and put away what it made of it. */
const SETTLED_MS = 20_000;

/** More than browsers let scripts ask for before they look for what nobody holds any more. */
const ASKED_BYTES = 64 << 20;

export class Module {
  /** @param {(problem: string) => void} stuck hears that the module shows no sign of life any more */
  constructor(stuck) {
    this.stuck = stuck;
    /** When the module last showed that it is alive. */
    this.lastBeat = 0;
    /** The last lines of what it printed. @type {string[]} */
    this.output = [];
  }

  /**
   * Runs the module until it ends, and returns its exit code.
   * @param {(memory: () => WebAssembly.Memory) => WebAssembly.Imports} imports beside those of its runtime
   * @param {Promise<typeof retHost>} host what it calls
   * @param {(engine: Engine) => void} take hears what it offers, while it is calling
   */
  async run(imports, host, take) {
    const go = new globalThis.Go();
    let code = 0;
    go.exit = (/** @type {number} */ c) => (code = c);
    this.catchOutput();
    /** @type {WebAssembly.Instance} */
    let instance;
    const memory = () => /** @type {WebAssembly.Memory} */ (instance.exports.mem);
    ({ instance } = await WebAssembly.instantiateStreaming(fetchModule(), { ...go.importObject, ...imports(memory) }));
    globalThis.retHost = await host;
    Object.defineProperty(globalThis, "retEngine", { configurable: true, set: take });
    const watch = this.watch();
    const settled = setTimeout(letGo, SETTLED_MS);
    await go.run(instance);
    clearTimeout(settled);
    clearInterval(watch);
    return code;
  }

  beat() {
    this.lastBeat = performance.now();
  }

  /** @param {string} text */
  note(text) {
    this.output.push(text);
    if (this.output.length > MOST_LINES) this.output.shift();
  }

  /** @param {string} problem */
  said(problem) {
    return `${problem}\n${this.output.join("\n")}`;
  }

  /** A panic is printed, not thrown: keep what the module prints. */
  catchOutput() {
    const decoder = new TextDecoder();
    globalThis.fs.writeSync = (/** @type {number} */ _, /** @type {Uint8Array} */ bytes) => {
      this.note(decoder.decode(bytes).trimEnd());
      return bytes.length;
    };
  }

  /** Go that waits for itself stops without a word. */
  watch() {
    this.beat();
    return setInterval(() => {
      if (performance.now() - this.lastBeat > SILENCE_MS) this.stuck(this.said("no sign of life"));
    }, 1000);
  }
}

/**
 * Has the browser let go of what it needed to compile the module: some 50 MB, which stay
 * for minutes in a worker that asks for little. What is asked for here is never touched,
 * and so takes no memory.
 */
function letGo() {
  return new ArrayBuffer(ASKED_BYTES).byteLength;
}

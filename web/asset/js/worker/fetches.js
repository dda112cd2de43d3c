// What the worker asks the server for, for pages that someone waits for or ahead of
// need. Who does not want to wait any longer has the request ended, and with it the
// server's work.

/** How long the server may take for what no person waits for. */
const UNASKED_MS = 20_000;

export class Fetches {
  /** @param {(question: string) => void} began hears that the server is asked for a question */
  constructor(began) {
    this.began = began;
    /** @type {Map<string, AbortController>} by question */
    this.open = new Map();
  }

  /**
   * @param {string} question for which it is, or "" if nobody waits @param {string} path
   * @returns {Promise<{ status: number, body: string }>} status 0: there was no answer
   */
  async ask(question, path) {
    const control = new AbortController();
    const late = question ? undefined : setTimeout(() => control.abort(), UNASKED_MS);
    if (question) {
      this.open.set(question, control);
      this.began(question);
    }
    try {
      const answer = await fetch(path, { signal: control.signal });
      return { body: await answer.text(), status: answer.status };
    } catch {
      return { status: 0, body: "" }; // no network, or nobody waits
    } finally {
      clearTimeout(late);
      if (this.open.get(question) === control) this.open.delete(question);
    }
  }

  /** @param {string} question */
  cancel(question) {
    this.open.get(question)?.abort();
  }
}

// The live channel: follows the session's changes over a WebSocket, comes back
// after every loss, and leaves the page when the session is gone.
import { backoff } from "../both/backoff.js";
import { isOffline, showConnection } from "./connection.js";
import { setExpiry } from "./clock.js";
import { afterClose, closeReason, Cursor } from "./cursor.js";
import { whenEnded } from "./ended.js";
import { applyChange, parsePage, showPage } from "./fragment.js";
import { markPlace } from "./place.js";
import { showProgress } from "./progress.js";
import { leave } from "./sign-out.js";
import { isSignedIn } from "./signed-in.js";
import { uuidv7 } from "./uuid.js";

/** @returns {Live | null} null on pages that follow nothing */
export function startLive() {
  const { epoch, cursor } = document.body.dataset;
  if (!epoch) return null;
  const live = new Live(new Cursor(epoch, Number(cursor)));
  whenEnded(() => live.end());
  // A page in the back-forward cache may hold no socket.
  addEventListener("pagehide", () => live.stop());
  addEventListener("pageshow", (event) => event.persisted && live.connect());
  addEventListener("online", () => live.connect());
  live.connect();
  return live;
}

export class Live {
  /** @param {Cursor} cursor */
  constructor(cursor) {
    this.cursor = cursor;
    this.client = uuidv7();
    this.failures = 0;
    /** Whether the session is over, so that there is nothing to follow. */
    this.over = false;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** Ends the attempt to come back that is due, or being made. @type {AbortController | null} */
    this.attempt = null;
    this.lastHeard = Date.now();
    /** @type {(() => void) | null} asks this browser's replica instead of the server */
    this.relay = null;
    /** Whether that replica is without the server. */
    this.away = false;
    /** Whether that is not known yet. */
    this.connecting = false;
    /** Changes in this browser that the server has not answered. */
    this.waiting = 0;
  }

  /**
   * Follows the replica from now on. It goes on from the same cursor as the
   * server would, so nothing is missed and nothing seen twice.
   * @param {() => void} ask
   */
  handOver(ask) {
    this.relay = ask;
    this.connect();
  }

  /** Follows the server again. */
  takeBack() {
    if (!this.relay) return;
    this.relay = null;
    this.away = this.connecting = false;
    this.connect();
  }

  /** Follows nobody: the page is put away. */
  release() {
    this.relay = null;
  }

  /**
   * Goes on from where another page stands that is shown here now.
   * @param {string} epoch @param {number} at
   */
  moveTo(epoch, at) {
    this.cursor = new Cursor(epoch, at);
    this.connect();
  }

  /**
   * Whether more is shown here than at that place of the session's changes.
   * @param {string | undefined} epoch @param {number} at
   */
  isPast(epoch, at) {
    return epoch === this.cursor.epoch && at < this.cursor.at;
  }

  /** How the replica stands with the server. @param {Standing} standing */
  serverIs({ online, connecting }) {
    this.connecting = Boolean(connecting) && !isOffline(); // who has said so has tried before
    this.away = !online && !this.connecting;
    this.showState();
  }

  /** Whether an attempt to come back is due, or being made: it decides where this goes on. */
  get comesBack() {
    return this.attempt !== null;
  }

  connect() {
    this.stop();
    if (this.over) return;
    if (this.relay) return this.relay();
    const address = new URL("/api/v1/live", location.href);
    address.protocol = address.protocol.replace("http", "ws");
    const socket = new WebSocket(address, "ret.v1");
    this.socket = socket;
    socket.onopen = () => this.hello(socket);
    socket.onmessage = (event) => this.receive(JSON.parse(event.data));
    socket.onclose = (event) => this.closed(event.code, event.reason);
  }

  /** Ends the connection and every attempt at one. */
  stop() {
    this.attempt?.abort();
    this.attempt = null;
    if (!this.socket) return;
    this.socket.onclose = null;
    this.socket.onmessage = null;
    this.socket.close();
    this.socket = null;
  }

  /** The session is over. */
  end() {
    this.over = true;
    this.stop();
  }

  /** @param {WebSocket} socket */
  hello(socket) {
    const { epoch, at } = this.cursor;
    socket.send(JSON.stringify({ type: "hello", client: this.client, epoch, cursor: at, view: "html" }));
  }

  /** @param {ServerFrame} frame */
  receive(frame) {
    this.lastHeard = Date.now();
    switch (frame.type) {
      case "welcome":
        this.failures = 0;
        this.cursor.welcome(frame.epoch, frame.cursor);
        setExpiry(frame.expires_at);
        return this.showState();
      case "delta":
        return this.follow(frame.from, frame.to, frame.changes);
      case "progress":
        return showProgress(frame.job, frame.progress);
      case "reset":
        return this.reload();
      case "purge":
        return leave(frame.reason);
    }
  }

  /** @param {number} from @param {number} to @param {Change[]} changes */
  follow(from, to, changes) {
    if (this.comesBack) return; // the page that is to come shows them
    const step = this.cursor.delta(from, to);
    if (step === "gap") return this.connect();
    if (step === "apply") changes.forEach(applyChange);
    this.showState();
  }

  /**
   * The server cannot tell what changed since: show the page anew and go on from
   * where that stands. Counted as a failure, so that it never happens in a rush.
   */
  reload() {
    this.stop();
    this.failures++;
    this.again((signal) => this.showAnew(signal));
  }

  /** @param {AbortSignal} signal */
  async showAnew(signal) {
    const stillThere = markPlace();
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal });
    if (new URL(answer.url).pathname === "/login") return leave("unknown");
    if (answer.status === 429) return this.reload(); // asked too often, which is not to be without a server
    if (answer.status >= 500) throw new Error("no server, or a proxy that answers for it");
    if (!answer.ok) return location.reload(); // what the page showed is gone, and the server says so
    const page = parsePage(await answer.text());
    const { epoch, cursor } = page.body.dataset;
    if (stillThere()) showPage(page);
    this.cursor = new Cursor(epoch ?? "", Number(cursor));
    this.connect();
  }

  /** @param {number} code @param {string} reason */
  closed(code, reason) {
    this.socket = null;
    this.failures++;
    const next = afterClose(code);
    if (next === "leave") return leave(closeReason(reason));
    if (next === "reload") return this.reload();
    this.showOffline();
    this.again((signal) => this.returnIfSignedIn(signal));
  }

  /**
   * A refused handshake tells a page nothing, so a page that cannot connect asks
   * whether it is still signed in.
   * @param {AbortSignal} signal
   */
  async returnIfSignedIn(signal) {
    const signedIn = await isSignedIn(signal);
    if (signedIn) this.connect();
    else leave("unknown");
  }

  /**
   * @param {(signal: AbortSignal) => Promise<void>} comeBack is done later, and again if it
   *   fails; it hears when the page goes on otherwise
   */
  again(comeBack) {
    this.attempt?.abort();
    if (this.over) return;
    const attempt = new AbortController();
    this.attempt = attempt;
    const timer = setTimeout(() => {
      comeBack(attempt.signal).catch(() => {
        if (attempt.signal.aborted) return;
        this.failures++;
        this.showOffline();
        this.again(comeBack);
      });
    }, backoff(this.failures));
    attempt.signal.addEventListener("abort", () => clearTimeout(timer));
  }

  showState() {
    if (this.away) return this.showOffline();
    if (this.connecting) return showConnection("connecting", "connecting");
    const state = this.cursor.caughtUp ? "live" : "catching up";
    showConnection(state, state);
  }

  showOffline() {
    const at = new Date(this.lastHeard).toLocaleTimeString("en-GB", { timeStyle: "short" });
    const changes = this.waiting === 1 ? ", 1 change waits" : `, ${this.waiting} changes wait`;
    showConnection("offline", `offline since ${at}${this.waiting ? changes : ""}`);
  }
}

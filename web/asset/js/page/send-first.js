// Signing out while changes or files wait in this browser: asks whether they are
// to be sent first, and shows how that goes.
import { openDialog } from "./dialog.js";
import { bytes, count } from "./format.js";
import { write } from "./progress.js";
import { canWait, Waiting } from "./waiting.js";

/** How long a server that is there may take before the person is asked. */
const SETTLE_MS = 1000;

/**
 * Whether to sign out: at once where nothing waits, else as the person says.
 * @param {HTMLFormElement} form by which they want to
 * @returns {Promise<boolean>}
 */
export async function maySignOut(form) {
  if (!canWait()) return true;
  const waiting = new Waiting();
  try {
    const waits = await settled(waiting);
    if (!waits || isEmpty(waits)) return true;
    form.closest("dialog")?.close();
    const dialog = openDialog("send-first");
    return !dialog || (await new Choice(dialog, waiting, waits).made());
  } finally {
    waiting.end();
  }
}

/**
 * What a server that is there has not taken after a moment.
 * @param {Waiting} waiting
 */
async function settled(waiting) {
  let waits = await waiting.first();
  for (const began = performance.now(); waits?.online && !isEmpty(waits) && performance.now() - began < SETTLE_MS; ) {
    waits = (await waiting.next()) ?? waits;
  }
  return waits;
}

/** A person's choice, for as long as the dialog is open. */
class Choice {
  /** @param {HTMLDialogElement} dialog @param {Waiting} waiting @param {Waits} waits */
  constructor(dialog, waiting, waits) {
    this.dialog = dialog;
    this.waiting = waiting;
    this.waits = waits;
    this.refusedBefore = refused(waits);
    this.sending = false;
    dialog.returnValue = "";
    const send = this.part("send");
    send.hidden = false;
    send.onclick = () => this.send();
    send.focus();
  }

  /** @returns {Promise<boolean>} whether to sign out */
  async made() {
    const closed = new Promise((resolve) => this.dialog.addEventListener("close", () => resolve(null), { once: true }));
    while (this.dialog.open && this.dialog.isConnected) {
      this.show();
      this.waits = (await Promise.race([closed, this.waiting.next()])) ?? this.waits;
      if (this.sending && isEmpty(this.waits) && this.refused === 0) this.dialog.close("sent");
    }
    return ["sent", "drop"].includes(this.dialog.returnValue);
  }

  send() {
    this.sending = true;
    this.waiting.hurry();
    this.show();
  }

  /** How much of what waited the server did not take. */
  get refused() {
    return refused(this.waits) - this.refusedBefore;
  }

  show() {
    const over = isEmpty(this.waits);
    write(this.dialog, "waits", words(this.waits));
    write(this.dialog, "state", this.sentence(over));
    write(this.dialog, "drop", over ? "Sign out" : "Drop and sign out");
    this.showBar(over);
    const send = this.part("send");
    if (!this.sending && !over) return;
    if (send === document.activeElement) this.part("cancel").focus(); // it goes
    send.hidden = true;
  }

  /** @param {boolean} over */
  sentence(over) {
    const { online } = this.waits;
    if (over && this.refused > 0) return `Sent, but the server did not take ${this.refused} of it. Cancel to see why; signing out erases the reason too.`;
    if (over) return "Everything has reached the server meanwhile.";
    if (!online) return this.sending ? "The server cannot be reached. As soon as it can, this is sent and you are signed out." : "The server cannot be reached now.";
    return this.sending ? "It is being sent. Then you are signed out." : "It is on its way.";
  }

  /** @param {boolean} over */
  showBar(over) {
    const bar = this.part("bar");
    const { size, sent } = sizes(this.waits);
    bar.hidden = !this.sending || over || size === 0;
    if (!(bar instanceof HTMLProgressElement) || bar.hidden) return;
    bar.max = size;
    bar.value = sent;
  }

  /** @param {string} name */
  part(name) {
    const element = this.dialog.querySelector(`[data-part="${name}"]`);
    if (!(element instanceof HTMLElement)) throw new Error(`the dialog has no part ${name}`);
    return element;
  }
}

/** @param {Waits} waits files that the server has not refused */
function files({ uploads }) {
  return uploads.filter((u) => !u.refused);
}

/** @param {Waits} waits */
function isEmpty(waits) {
  return waits.changes + files(waits).length === 0;
}

/** @param {Waits} waits */
function refused({ rejected, uploads }) {
  return rejected + uploads.filter((u) => u.refused).length;
}

/** @param {Waits} waits */
function sizes(waits) {
  return files(waits).reduce(({ size, sent }, u) => ({ size: size + u.size, sent: sent + u.sent }), { size: 0, sent: 0 });
}

/** @param {Waits} waits */
function words(waits) {
  const parts = [];
  if (waits.changes > 0) parts.push(counted(waits.changes, "change", "changes"));
  const { length } = files(waits);
  const { size } = sizes(waits);
  if (length > 0) parts.push(counted(length, "file", "files") + (size > 0 ? ` of ${bytes(size)}` : ""));
  return parts.join(" and ") || "nothing";
}

/** @param {number} n @param {string} one @param {string} many */
function counted(n, one, many) {
  return `${count(n)} ${n === 1 ? one : many}`;
}

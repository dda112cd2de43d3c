// The end of the session in this page: who shows or asks for something of it hears
// that here, and stops.

const ENDED = "ret-ended";

/** The session is over in this page; what follows it has stopped when this returns. */
export function end() {
  document.dispatchEvent(new Event(ENDED));
}

/** @param {() => void} stop ends what would go on asking or showing */
export function whenEnded(stop) {
  document.addEventListener(ENDED, stop);
}

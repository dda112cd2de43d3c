// The session's clock, and the bar that asks what to do in its last minutes.
import { whenEnded } from "./ended.js";
import { clock } from "./format.js";
import { isSignedIn } from "./signed-in.js";

const WARN_SECONDS = 300;

/** The document's event when the session's time is up and no server can be asked. */
export const TIME_UP = "ret-time-up";

let expiresAt = 0;
/** The server's clock when this one, which nobody sets, was at 0; in milliseconds. */
let serverAtZero = 0;
let warned = false;
/** The end that the server was asked about. */
let askedAbout = 0;

export function startClock() {
  const { expiresAt: at, now } = document.body.dataset;
  if (!at || !now) return;
  serverAtZero = Date.parse(now) - performance.now();
  setExpiry(at);
  const ticking = setInterval(tick, 1000);
  whenEnded(() => clearInterval(ticking));
  document.querySelector("[data-stay]")?.addEventListener("click", (event) => {
    event.preventDefault();
    stay().catch(() => location.reload());
  });
}

/** @param {string} at RFC 3339 */
export function setExpiry(at) {
  expiresAt = Math.max(expiresAt, Date.parse(at) || 0); // who heard of it long ago knows less
  tick();
}

function tick() {
  const left = Math.max(0, (expiresAt - serverAtZero - performance.now()) / 1000);
  const text = clock(left);
  for (const place of document.querySelectorAll("#clock, [data-ending]")) {
    if (place.textContent !== text) place.textContent = text;
  }
  if (left === 0 && askedAbout !== expiresAt) {
    askedAbout = expiresAt;
    stay().catch(() => document.dispatchEvent(new Event(TIME_UP)));
  }
  const bar = document.getElementById("ending");
  if (bar && (left <= WARN_SECONDS) !== warned) {
    warned = left <= WARN_SECONDS;
    bar.hidden = !warned;
  }
}

/** Any request counts as use; the answer tells how long the session lives now. */
async function stay() {
  if (!(await isSignedIn())) return location.reload();
  const answer = await fetch("/api/v1/session");
  if (!answer.ok) return location.reload();
  const { session } = await answer.json();
  setExpiry(session.expires_at);
}

// The session's clock, and the bar that asks what to do in its last minutes.
import { isLive } from "./connection.js";
import { whenEnded } from "./ended.js";
import { clock } from "./format.js";
import { SessionEnd } from "./session-end.js";
import { isSignedIn } from "./signed-in.js";

const WARN_SECONDS = 300;

/** The document's event when the session's time is up and no server can be asked. */
export const TIME_UP = "ret-time-up";

/** @type {SessionEnd | null} null on pages of no session */
let end = null;
let warned = false;
/** The end that the server was asked about. */
let askedAbout = 0;

export function startClock() {
  const { expiresAt, endsBy, unusedSeconds, now } = document.body.dataset;
  if (!expiresAt || !now) return;
  const offline = document.getElementById("clock-offline")?.hidden === false;
  end = new SessionEnd({ at: Date.parse(expiresAt), now: Date.parse(now), unused: Number(unusedSeconds) * 1000, by: Date.parse(endsBy ?? ""), offline }, performance.now());
  tick();
  const ticking = setInterval(tick, 1000);
  whenEnded(() => clearInterval(ticking));
  document.querySelector("[data-stay]")?.addEventListener("click", (event) => {
    event.preventDefault();
    stay().catch(() => location.reload());
  });
}

/** @param {string} at RFC 3339 */
export function setExpiry(at) {
  end?.hear(Date.parse(at) || 0, performance.now());
  tick();
}

function tick() {
  if (!end) return;
  const now = performance.now();
  if (isLive()) end.use(now);
  const left = end.left(now) / 1000;
  const text = clock(left);
  for (const place of document.querySelectorAll("#clock, [data-ending]")) {
    if (place.textContent !== text) place.textContent = text;
  }
  const offline = document.getElementById("clock-offline");
  if (offline) offline.hidden = !end.offline;
  if (left === 0 && askedAbout !== end.at) {
    askedAbout = end.at;
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

// The readable half of the session's two cookies: whether somebody is signed in here.

/**
 * Deletes it. A request that then brings the other half alone tells the server that
 * the person has signed out.
 */
export function forgetHere() {
  document.cookie = "ret_here=; Path=/; Max-Age=0; SameSite=Lax";
  document.cookie = "__Host-ret_here=; Path=/; Max-Age=0; SameSite=Lax; Secure";
}

/** Whether somebody is signed in, as far as this browser knows. */
export function isHere() {
  return found() !== null;
}

/** The word of the session, a half of the key of what is kept here; "" for nobody. */
export function hereWord() {
  return found()?.[2] ?? "";
}

function found() {
  return /(?:^|; )(__Host-)?ret_here=([^;]*)/.exec(document.cookie);
}

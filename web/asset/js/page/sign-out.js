// Signing out: where something waits to be sent, the person says what becomes of
// it; then this browser forgets, then the server erases the rest. Where no server
// answers, that is told at the next contact, by the cookie that is missing then.
import { addressOf } from "./address.js";
import { Channel } from "../both/channel.js";
import { backoff } from "../both/backoff.js";
import { end } from "./ended.js";
import { forgetHere, isHere } from "./here.js";
import { serverAnswers } from "./patience.js";
import { purge } from "./purge.js";
import { maySignOut } from "./send-first.js";

/** Set once the session is over in this browser, however it ended. */
let over = false;

/** Why another tab has erased what this browser kept, once it has. @type {ErasedFor} */
let toldElsewhere = "unknown";

/** Set while the person is being asked about what waits. */
let asking = false;

export function startSignOut() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || addressOf(form).pathname !== "/logout") return;
    event.preventDefault();
    if (!asking) ask(form);
  });
  // A page that was put away must not come back into sight after signing out.
  addEventListener("pageshow", (event) => {
    if (event.persisted && !isHere()) leave("logout");
  });
}

/** @param {HTMLFormElement} form */
async function ask(form) {
  asking = true;
  const yes = await maySignOut(form).catch(() => true);
  asking = false;
  if (over) return; // it has ended otherwise meanwhile
  if (yes) await signOut(form).catch(() => form.submit());
  else stay(form);
}

/**
 * The person goes on where they were: what opened the form's dialog is put away.
 * @param {HTMLFormElement} form
 */
function stay(form) {
  const menu = document.querySelector("#viewer-menu > summary");
  if (form.closest("dialog") && menu instanceof HTMLElement) menu.focus();
}

/** @param {HTMLFormElement} form */
async function signOut(form) {
  over = true;
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
  await erase("logout");
  const answer = await fetch("/logout", { method: "POST", body: fields, redirect: "manual" }).catch(() => null);
  if (!answer) {
    forgetHere();
    return tellServer(showEnd("You are signed out", offlineSentence));
  }
  if (answer.type === "opaqueredirect") return location.replace("/signed-out");
  form.submit(); // the server's own page says what is wrong
}

const offlineSentence =
  "Everything of the session was erased from this browser. The server cannot be reached now; it erases its part as soon as this browser reaches it again, and otherwise when the session runs out.";
const toldSentence = "Everything of the session was erased from this browser, and from the server, which can be reached again.";

/**
 * Tries to reach the server for as long as this page is open: any request tells it
 * that the person has signed out, and it has erased its part before it answers.
 * @param {HTMLElement} sentence says what has been erased
 */
async function tellServer(sentence) {
  for (let failures = 1; !(await serverAnswers()); failures++) {
    await new Promise((resolve) => setTimeout(resolve, backoff(failures)));
  }
  sentence.textContent = toldSentence;
}

/**
 * Leaves for the sign-in page, so that nothing of the session stays on screen.
 * @param {ErasedFor} reason as the server gives it; where it gave none, it may know better
 */
export async function leave(reason) {
  if (over) return;
  over = true;
  end();
  const why = reason === "unknown" ? toldElsewhere : reason;
  if (await serverAnswers()) return location.replace(`/login?ended=${why}`);
  await eraseEnded(why);
}

/**
 * The session's time has run out on this computer's clock, or on that of the
 * worker, and no server can be asked: this browser erases by itself.
 */
export function timeIsUp() {
  return ended("expired");
}

/**
 * The session has ended while no page of the server can be had: this browser erases by
 * itself.
 * @param {ErasedFor} reason
 */
export async function ended(reason) {
  if (over) return;
  over = true;
  await eraseEnded(reason);
}

/** @param {ErasedFor} reason */
async function eraseEnded(reason) {
  await erase(reason);
  forgetHere();
  showEnded(reason);
}

/**
 * Another tab has erased what this browser kept. Where the server answers, it says
 * itself what has become of the session.
 * @param {ErasedFor} reason
 */
export async function erasedElsewhere(reason) {
  toldElsewhere = reason;
  if (over || (await serverAnswers()) || over) return;
  over = true;
  showEnded(reason);
}

/** @param {ErasedFor} reason */
async function erase(reason) {
  end(); // the worker may hold the files
  const others = new Channel();
  others.say({ type: "erase", reason });
  await purge();
  others.close();
}

/** @param {ErasedFor} reason */
function showEnded(reason) {
  if (reason === "logout") showEnd("You are signed out", offlineSentence);
  else showEnd("Your session has ended", `${whyEnded[reason]} Everything of it was erased from this browser.`.trimStart());
}

const whyEnded = {
  expired: "Its time ran out while the server could not be reached.",
  revoked: "It was ended by an admin, or by a change of the account's password.",
  unknown: "",
};

/**
 * The signed-out page where none can be had from the server. Nothing of the
 * session stays in the document, and nothing asks for it any more.
 * @param {string} title @param {string} sentence
 * @returns {HTMLElement} the sentence's
 */
export function showEnd(title, sentence) {
  end();
  const card = document.createElement("main");
  card.id = "main";
  card.className = "card";
  const heading = document.createElement("h1");
  heading.textContent = title;
  const text = document.createElement("p");
  text.textContent = sentence;
  const again = document.createElement("a");
  again.className = "button primary wide";
  again.href = "/login";
  again.textContent = "Sign in again";
  card.append(heading, text, again);
  document.body.className = "gate";
  for (const name of Object.keys(document.body.dataset)) delete document.body.dataset[name];
  document.body.replaceChildren(card);
  document.title = `${title} · RET`;
  history.replaceState(null, "", "/signed-out");
  return text;
}

// The worker that every tab starts. Of all tabs' workers one leads: it has the
// lock, opens the origin's files and only then loads the module. The others load
// nothing; they pass on what their page asks and what the leader says.
//
// The worker itself asks for the lock, and nothing is left to do when its tab
// ends it: the lock goes on to the next one, and what was being written is mended
// when the database is opened again.
import { Channel, REPLICA } from "../both/channel.js";
import { NO_COPY } from "../both/standing.js";
import { destroyKey, ERASER } from "../both/session-key.js";
import { Follower } from "./follower.js";
import { Leader } from "./leader.js";

/** @typedef {import("../both/channel.js").Answer} Answer */

/** Set while this worker leads. @type {Leader | null} */
let leader = null;

/** Whether this worker only destroys the key, and is not to be stopped before. */
const erases = self.name === ERASER;

const channel = new Channel((message) => {
  follower.hear(message);
  leader?.hear(message);
  if (message.type === "erase" && !erases) stop(message.reason);
});

const follower = new Follower({
  toPage: (message) => postMessage(message),
  toLeader: (question) => (leader?.leads() ? leader.hear(question) : channel.say(question)),
  online: () => leader?.online(),
});

onmessage = ({ data }) => follower.receive(data);

/** Says what the leader says to whom it may concern. @param {Answer} answer */
function answer(answer) {
  const mine = follower.hear(answer);
  if (!mine) channel.say(answer);
}

/**
 * Ends this worker; its page is told, and may start another unless all that is
 * kept here is to be erased.
 * @param {ErasedFor} [erased]
 */
function stop(erased) {
  postMessage({ type: "ended", erased });
  close();
}

/**
 * A browser in which the module cannot run says so in its console as a warning:
 * pages go on without it.
 * @param {unknown} problem @param {string} [sentence] for the person
 */
function fail(problem, sentence) {
  console.warn("RET goes on without a copy in this browser:", problem);
  answer({ type: "frame", page: "", frame: JSON.stringify({ type: "standing", ...NO_COPY, problem: sentence }), leader: follower.name });
  stop();
}

/** Leads as soon as no other worker does. */
function lead() {
  navigator.locks
    .request(REPLICA, () => {
      leader = new Leader(follower.name, { answer, fail, stop });
      return leader.lead();
    })
    .catch((problem) => fail(problem));
}

if (erases) destroyKey().finally(() => stop());
else lead();

// Why an upload failed, in a sentence beside the file.

/** @type {Record<number, string>} used where the server says nothing itself */
const sentences = {
  0: "The server cannot be reached. Check the connection, then try again.",
  401: "The session has ended. Sign in again, then choose the file again.",
  409: "Another file was uploaded under this number. Try again to send it as a new one.",
  413: "The file is larger than this server takes.",
  429: "Too many uploads in a short time.",
  507: "The server's disk is full. Delete files you no longer need, then try again.",
};

/**
 * @param {number} status of HTTP; 0 if there was no answer
 * @param {string | undefined} detail the server's own sentence
 * @param {string | null} retryAfter seconds, as the header says
 */
export function problemSentence(status, detail, retryAfter) {
  const sentence = detail || sentences[status] || "The upload did not work. Please try again.";
  const wait = Number(retryAfter);
  return wait > 0 ? `${sentence} Try again in ${wait} s.` : sentence;
}

// The service worker: keeps the shell of RET, which is its scripts, styles, module
// and one page without content, so that pages open without a network. It never
// keeps anything of a session, and nothing in its own variables: the browser ends
// it whenever it likes.
//
// A page is asked of the server first; where that does not answer, of the worker
// that leads in some tab; and where none does, the shell is given, which starts
// one.
import { Channel, REPLICA } from "../both/channel.js";

// The server writes these three when it serves this script.
const VERSION = "";
/** @type {string[]} */
const ASSETS = [];
const SHELL = "/shell";
const MANIFEST = "/manifest.webmanifest";

const PREFIX = "ret-shell-";
const CACHE = PREFIX + VERSION;

/** How long the server may take until it is asked whether it is there, and then the leader. */
const SERVER_MS = 1500;
const LEADER_MS = 700;

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

worker.addEventListener("install", (event) => {
  event.waitUntil(install());
  // Or the browser may ask the server beside this worker, and fail with it.
  event.addRoutes?.({ condition: { requestMode: "navigate" }, source: "fetch-event" });
});
worker.addEventListener("activate", (event) => event.waitUntil(activate()));
worker.addEventListener("message", (event) => {
  // The person agreed to the new version.
  if (event.data === "take-over") worker.skipWaiting();
  if (event.data === "claim") worker.clients.claim();
});
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  // The module comes from the browser's own cache, see fetch-module.js.
  if ((pathname.startsWith("/assets/") && !pathname.endsWith(".wasm")) || pathname === MANIFEST) event.respondWith(asset(request));
  else if (request.mode === "navigate" && (drawable.test(pathname) || servers.test(pathname))) event.respondWith(page(request));
});

/** The pages that can be drawn in the browser. */
const drawable = /^\/($|jobs$|jobs\/[^/]+$|tables\/[^/]+$|tables\/[^/]+\/rows\/[^/]+$|search$|query$)/;

/** Those that only the server has: without it the browser says so in their place, or shows what it has of them. */
const servers = /^\/(ask$|files\/[^/]+$|account$|admin$|admin\/)/;

async function install() {
  const cache = await caches.open(CACHE);
  const own = [SHELL, MANIFEST].map((url) => new Request(url, { cache: "no-store", credentials: "omit" }));
  await cache.addAll([...ASSETS, ...own]);
}

/**
 * Forgets the shells of older versions, but for the last: tabs that it opened are
 * still there.
 */
async function activate() {
  const shells = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
  await Promise.all(shells.slice(0, -1).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** @param {Request} request */
async function asset(request) {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

/** @param {Request} request */
async function page(request) {
  const { pathname, search } = new URL(request.url);
  const fetched = fetch(request).catch(() => null);
  const answer = await (servers.test(pathname) ? fetched : whileThere(fetched));
  if (answer && !isGateway(answer)) return answer;
  return (await draw(pathname + search)) ?? (await shell()) ?? Response.error();
}

/**
 * What is waited for, for as long as the server shows that it is there: a slow one is
 * not one that is away.
 * @template T @param {Promise<T>} fetched @returns {Promise<T | null>}
 */
async function whileThere(fetched) {
  const given = fetched.then((value) => ({ value }));
  for (;;) {
    const first = await Promise.race([given, after(SERVER_MS)]);
    if (first) return first.value;
    if (!(await isThere())) return null;
  }
}

async function isThere() {
  const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(SERVER_MS) }).catch(() => null);
  return answer !== null && answer.status < 500;
}

/**
 * A proxy that answers for a server that is not there.
 * @param {Response} answer
 */
function isGateway(answer) {
  return answer.status === 502 || answer.status === 504;
}

/** @param {number} ms @returns {Promise<null>} */
function after(ms) {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms));
}

async function shell() {
  return caches.match(SHELL, { cacheName: CACHE });
}

/**
 * Has the leader of all tabs draw a page, if there is one.
 * @param {string} path
 * @returns {Promise<Response | null>}
 */
async function draw(path) {
  const { held } = await navigator.locks.query();
  if (!held?.some((lock) => lock.name === REPLICA)) return null;
  const id = crypto.randomUUID();
  /** @type {(drawn: Drawn) => void} */
  let resolve = () => {};
  const drawn = /** @type {Promise<Drawn>} */ (new Promise((r) => (resolve = r)));
  const channel = new Channel((message) => message.type === "drawn" && message.id === id && resolve(message));
  channel.say({ type: "draw", id, path });
  const answer = await Promise.race([drawn, after(LEADER_MS)]);
  channel.close();
  const frame = await shell();
  if (!answer?.html || !frame) return null;
  // The shell's headers hold for pages too: the content policy above all.
  return new Response(answer.html, { status: answer.status, headers: frame.headers });
}

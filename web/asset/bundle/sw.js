"use strict";
(() => {
  // web/asset/js/both/channel.js
  var REPLICA = "ret-replica";
  var Channel = class {
    /** @param {(message: ChannelMessage) => void} [hear] */
    constructor(hear) {
      this.port = new BroadcastChannel(REPLICA);
      if (hear) this.port.onmessage = ({ data }) => hear(data);
    }
    /** @param {ChannelMessage} message */
    say(message) {
      this.port.postMessage(message);
    }
    /** An open end keeps a page out of the back-forward cache. */
    close() {
      this.port.close();
    }
  };

  // web/asset/js/worker/sw.js
  var VERSION = "";
  var ASSETS = [];
  var SHELL = "/shell";
  var MANIFEST = "/manifest.webmanifest";
  var PREFIX = "ret-shell-";
  var CACHE = PREFIX + VERSION;
  var SERVER_MS = 1500;
  var LEADER_MS = 700;
  var worker = (
    /** @type {ServiceWorkerGlobalScope} */
    /** @type {unknown} */
    self
  );
  worker.addEventListener("install", (event) => {
    event.waitUntil(install());
    event.addRoutes?.({ condition: { requestMode: "navigate" }, source: "fetch-event" });
  });
  worker.addEventListener("activate", (event) => event.waitUntil(activate()));
  worker.addEventListener("message", (event) => {
    if (event.data === "take-over") worker.skipWaiting();
    if (event.data === "claim") worker.clients.claim();
  });
  worker.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (request.method !== "GET" || origin !== location.origin) return;
    if (pathname.startsWith("/assets/") && !pathname.endsWith(".wasm") || pathname === MANIFEST) event.respondWith(asset(request));
    else if (request.mode === "navigate" && (drawable.test(pathname) || servers.test(pathname))) event.respondWith(page(request));
  });
  var drawable = /^\/($|jobs$|jobs\/[^/]+$|tables\/[^/]+$|tables\/[^/]+\/rows\/[^/]+$|search$|query$)/;
  var servers = /^\/(ask$|files\/[^/]+$|account$|admin$|admin\/)/;
  async function install() {
    const cache = await caches.open(CACHE);
    const own = [SHELL, MANIFEST].map((url) => new Request(url, { cache: "no-store", credentials: "omit" }));
    await cache.addAll([...ASSETS, ...own]);
  }
  async function activate() {
    const shells = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CACHE);
    await Promise.all(shells.slice(0, -1).map((name) => caches.delete(name)));
    await worker.clients.claim();
  }
  async function asset(request) {
    return await caches.match(request, { ignoreVary: true }) ?? fetch(request);
  }
  async function page(request) {
    const { pathname, search } = new URL(request.url);
    const fetched = fetch(request).catch(() => null);
    const answer = await (servers.test(pathname) ? fetched : whileThere(fetched));
    if (answer && !isGateway(answer)) return answer;
    return await draw(pathname + search) ?? await shell() ?? Response.error();
  }
  async function whileThere(fetched) {
    const given = fetched.then((value) => ({ value }));
    for (; ; ) {
      const first = await Promise.race([given, after(SERVER_MS)]);
      if (first) return first.value;
      if (!await isThere()) return null;
    }
  }
  async function isThere() {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(SERVER_MS) }).catch(() => null);
    return answer !== null && answer.status < 500;
  }
  function isGateway(answer) {
    return answer.status === 502 || answer.status === 504;
  }
  function after(ms) {
    return new Promise((resolve) => setTimeout(() => resolve(null), ms));
  }
  async function shell() {
    return caches.match(SHELL, { cacheName: CACHE });
  }
  async function draw(path) {
    const { held } = await navigator.locks.query();
    if (!held?.some((lock) => lock.name === REPLICA)) return null;
    const id = crypto.randomUUID();
    let resolve = () => {
    };
    const drawn = (
      /** @type {Promise<Drawn>} */
      new Promise((r) => resolve = r)
    );
    const channel = new Channel((message) => message.type === "drawn" && message.id === id && resolve(message));
    channel.say({ type: "draw", id, path });
    const answer = await Promise.race([drawn, after(LEADER_MS)]);
    channel.close();
    const frame = await shell();
    if (!answer?.html || !frame) return null;
    return new Response(answer.html, { status: answer.status, headers: frame.headers });
  }
})();

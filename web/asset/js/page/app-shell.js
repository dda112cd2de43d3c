// Keeps the shell of RET in this browser, so that its pages open without a
// network, and offers a newer one when the server has it.
import { moduleURL } from "../both/engine-module.js";
import { SERVER_BACK } from "./connection.js";
import { scriptURL, serviceWorkerURL } from "./script-url.js";

/** On pages of a session; nothing is kept for somebody who has not signed in. */
export async function startAppShell() {
  if (!("serviceWorker" in navigator) || moduleURL === "" || !document.body.dataset.epoch) return;
  try {
    const registration = await navigator.serviceWorker.register(scriptURL(serviceWorkerURL), { updateViaCache: "none" });
    offer(registration);
    claimed();
    registration.addEventListener("updatefound", () => whenInstalled(registration));
    // A server that was away may be a newer one. By itself the browser looks only
    // when a page is loaded.
    document.addEventListener(SERVER_BACK, () => registration.update().catch(() => {}));
  } catch {
    // Without a service worker, as in private windows: pages need the network.
  }
}

/** A page that came just as the service worker took over may have been missed by it. */
async function claimed() {
  const { active } = await navigator.serviceWorker.ready;
  if (!navigator.serviceWorker.controller) active?.postMessage("claim");
}

/** @param {ServiceWorkerRegistration} registration */
function whenInstalled(registration) {
  const fresh = registration.installing;
  fresh?.addEventListener("statechange", () => fresh.state === "installed" && offer(registration));
}

/**
 * Shows that a newer version waits. It takes over when the person says so, or when
 * all tabs are gone: nobody is thrown out of their work.
 * @param {ServiceWorkerRegistration} registration
 */
function offer(registration) {
  if (!registration.waiting || !navigator.serviceWorker.controller || document.getElementById("newer")) return;
  const bar = document.createElement("section");
  bar.id = "newer";
  bar.className = "newer";
  bar.setAttribute("role", "status");
  bar.setAttribute("data-client", "");
  const text = document.createElement("p");
  text.textContent = "There is a newer version of RET. Your session stays as it is.";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button primary";
  button.textContent = "Use it now";
  button.addEventListener("click", () => {
    button.disabled = true;
    if (!registration.waiting) return location.reload(); // it was agreed to in another tab
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
    registration.waiting.postMessage("take-over");
  });
  bar.append(text, button);
  document.querySelector("header.top")?.after(bar);
}

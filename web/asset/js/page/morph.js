// Turns an element into its new version in place. What stays equal is not
// touched, so focus, selected text, scroll positions and bars in motion survive.

/**
 * @param {Element} old
 * @param {Element} fresh is used up
 * @returns {Element} the element that stands there now
 */
export function morph(old, fresh) {
  if (!alike(old, fresh)) {
    old.replaceWith(fresh);
    return fresh;
  }
  if (old.hasAttribute("data-client")) return old;
  morphAttributes(old, fresh);
  morphChildren(old, fresh);
  return old;
}

/** @param {Node} a @param {Node} b */
function alike(a, b) {
  if (a.nodeType !== b.nodeType || a.nodeName !== b.nodeName) return false;
  return !(a instanceof Element && b instanceof Element) || a.id === b.id;
}

/**
 * What a person opened, ticked or typed is theirs, not the server's.
 * @param {Element} old @param {Element} fresh
 */
function morphAttributes(old, fresh) {
  const own = old.nodeName === "DETAILS" || old.nodeName === "DIALOG" ? "open" : "";
  for (const { name } of [...old.attributes]) {
    if (name !== own && !fresh.hasAttribute(name)) old.removeAttribute(name);
  }
  for (const { name, value } of [...fresh.attributes]) {
    if (name !== own && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
}

/** @param {Element} old @param {Element} fresh */
function morphChildren(old, fresh) {
  const byId = childrenById(old);
  let at = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const known = next instanceof Element && next.id ? byId.get(next.id) : undefined;
    if (known && known !== at) old.insertBefore(known, at);
    const match = known ?? at;
    if (match && alike(match, next)) {
      at = match.nextSibling;
      morphNode(match, next);
    } else {
      old.insertBefore(next, at);
    }
  }
  while (at) {
    const rest = at.nextSibling;
    at.remove();
    at = /** @type {ChildNode | null} */ (rest);
  }
}

/** @param {Element} parent */
function childrenById(parent) {
  /** @type {Map<string, Element>} */
  const byId = new Map();
  for (const child of parent.children) if (child.id) byId.set(child.id, child);
  return byId;
}

/** @param {Node} old @param {Node} fresh */
function morphNode(old, fresh) {
  if (old instanceof Element && fresh instanceof Element) morph(old, fresh);
  else if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
}

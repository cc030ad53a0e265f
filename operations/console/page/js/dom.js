// Builds and updates elements. Text reaches the page by textContent alone, so that no value of a record is ever read as markup.

const kSvg = 'http://www.w3.org/2000/svg';

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (name === 'text') node.textContent = value;
    else if (name === 'on') Object.entries(value).forEach(([event, act]) => node.addEventListener(event, act));
    else attribute(node, name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

/** An element: h('button', {class: 'plain', text: 'Pause', on: {click}}, ...children). */
export function h(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** The same for SVG. */
export function s(tag, properties = {}, ...children) {
  return fill(document.createElementNS(kSvg, tag), properties, children);
}

/** Sets an attribute, or removes it for null, undefined and false. An unchanged one is left alone. */
export function attribute(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = value === true ? '' : String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

/** Sets an element's text. An unchanged text is left alone, so that a selection, and a screen reader's place, stay. */
export function say(node, text) {
  const words = String(text ?? '');
  if (node.textContent !== words) node.textContent = words;
}

const made = new WeakMap();

/**
 * Makes parent's children follow items: make(item) gives {node, update}, which lives as long as its key is among the items. Nodes that stay
 * are not moved unless their order changed, so that focus stays where it is.
 */
export function keyed(parent, items, key_of, make) {
  const before = made.get(parent) ?? new Map();
  const after = new Map();
  for (const item of items) {
    const key = String(key_of(item));
    if (after.has(key)) continue;
    const part = before.get(key) ?? make(item);
    part.update?.(item);
    after.set(key, part);
  }
  for (const [key, part] of before) if (!after.has(key)) part.node.remove();
  let at = parent.firstChild;
  for (const part of after.values()) {
    if (part.node === at) at = at.nextSibling;
    else parent.insertBefore(part.node, at);
  }
  made.set(parent, after);
  return after;
}

/** Replaces all children. */
export function replace(parent, ...children) {
  parent.replaceChildren(...children.filter((child) => child !== null && child !== undefined && child !== false));
}

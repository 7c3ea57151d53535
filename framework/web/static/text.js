// Texts as the server counts them: by code points, where JavaScript counts UTF-16 units.

/** A text that is cut by code points. A lone surrogate counts as one, as in Python. */
export class Text {
  constructor(text) {
    this.whole = text;
    this.units = [0];
    for (const point of text) this.units.push(this.units.at(-1) + point.length);
  }

  get length() {
    return this.units.length - 1;
  }

  slice(start, end = this.length) {
    return this.whole.slice(this.units[start], this.units[end]);
  }
}

/** An element with text and attributes; data only ever becomes text, never markup. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** The same in SVG. */
export function drawn(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A random id of 128 bits; `crypto.randomUUID` is missing on plain http, as on a phone. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

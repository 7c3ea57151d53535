// Texts as the server counts them: by code points, where JavaScript counts UTF-16 units.

/** A text sliced by code points. A lone surrogate counts as one, as in Python. */
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

/** Create an element with attributes and children; strings become text, never markup. */
export function element(name, attributes = {}, ...children) {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) created.setAttribute(key, value === true ? "" : value);
  }
  created.append(...children.filter((child) => child !== null && child !== undefined));
  return created;
}

/** Create an SVG element. */
export function svgElement(name, attributes = {}, ...children) {
  const created = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) created.setAttribute(key, value);
  created.append(...children);
  return created;
}

/** Return a random id of 128 bits; `crypto.randomUUID` is missing on plain http, as from a phone. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

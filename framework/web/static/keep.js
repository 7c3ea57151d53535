// What outlives a reload: JSON in the browser's localStorage, or in memory where it is not to be had.

export class Keep {
  constructor(prefix) {
    this.prefix = prefix;
    this.memory = new Map();
    this.lasting = true;
  }

  get(name, otherwise) {
    const key = `${this.prefix}/${name}`;
    if (this.memory.has(key)) return JSON.parse(this.memory.get(key));
    try {
      const text = localStorage.getItem(key);
      return text === null ? otherwise : JSON.parse(text);
    } catch {
      return otherwise;
    }
  }

  /** Keep a value; `lasting` turns false when the browser refuses, and it is kept in memory alone. */
  set(name, value) {
    const key = `${this.prefix}/${name}`;
    const text = JSON.stringify(value);
    try {
      localStorage.setItem(key, text);
      this.memory.delete(key);
      this.lasting = true;
    } catch {
      this.memory.set(key, text);
      this.lasting = false;
    }
  }
}

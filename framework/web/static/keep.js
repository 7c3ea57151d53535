// Values that survive a reload: JSON in the browser's localStorage, or in memory if that is not available.

export class Keep {
  constructor(prefix) {
    this.prefix = prefix;
    this.memory = new Map();
    this.lasting = true;
  }

  get(name, fallback) {
    const key = `${this.prefix}/${name}`;
    if (this.memory.has(key)) return JSON.parse(this.memory.get(key));
    try {
      const text = localStorage.getItem(key);
      return text === null ? fallback : JSON.parse(text);
    } catch {
      return fallback;
    }
  }

  /** Store a value; `lasting` becomes false if the browser refuses, and it is only in memory. */
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

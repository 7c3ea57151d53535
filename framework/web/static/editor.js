// A text whose spans are edited by pointer and keys. A span question has exactly one span.

import { Marks } from "./marks.js";
import { Text, element } from "./text.js";

export class Editor {
  /** `hue` returns a label's class; `changed` is called after each change, `say` with words to read out. */
  constructor(place, question, spans, { hue, changed, say }) {
    this.place = place;
    this.question = question;
    this.text = new Text(question.text);
    this.single = question.kind === "span";
    this.marks = new Marks(question.tokens, question.spans, this.single);
    if (spans) this.marks.spans = spans.map(([start, end, label]) => ({ start, end, label }));
    this.hue = hue;
    this.changed = changed;
    this.say = say;
    this.label = this.single ? this.marks.spans[0].label : question.labels[0];
    this.cursor = null;
    this.anchor = null;
    this.chosen = -1;
    this.#endDrag();
    this.listening = new AbortController();
    const options = { signal: this.listening.signal };
    place.addEventListener("pointerdown", (event) => this.#pointerDown(event), options);
    place.addEventListener("pointermove", (event) => this.#pointerMove(event), options);
    place.addEventListener("pointerup", (event) => this.#pointerUp(event), options);
    place.addEventListener("pointercancel", () => this.#endDrag(), options);
    this.draw();
  }

  close() {
    this.listening.abort();
  }

  /** Set the label for new spans, and of the selected words or span. */
  setLabel(label) {
    this.label = label;
    if (this.anchor !== null && this.cursor !== null) {
      this.marks.mark(this.anchor, this.cursor, label);
      this.chosen = this.marks.spanAt(this.cursor);
      this.anchor = null;
    } else if (this.chosen >= 0 || this.single) {
      this.marks.relabel(Math.max(0, this.chosen), label);
    } else if (this.cursor !== null) {
      this.marks.mark(this.cursor, this.cursor, label);
      this.chosen = this.marks.spanAt(this.cursor);
    }
    this.#finish(this.chosen >= 0 ? `${this.#spanText(this.chosen)}, ${label}` : `Label ${label}`);
  }

  remove() {
    if (this.chosen < 0) return;
    const words = this.#spanText(this.chosen);
    this.marks.remove(this.chosen);
    this.chosen = -1;
    this.#finish(`${words}: no longer marked`);
  }

  undo() {
    this.marks.undo();
    this.chosen = -1;
    this.#finish("Change undone");
  }

  /** Move the cursor by `step` tokens, or by a line ("up", "down"); `extend` selects the tokens it passes. */
  move(step, extend) {
    const last = this.marks.tokens.length - 1;
    if (last < 0) return;
    if (extend && this.single && this.cursor === null) [this.anchor, this.cursor] = this.marks.tokensOf(this.marks.spans[0]);
    const from = this.cursor;
    if (extend && this.anchor === null) this.anchor = from ?? 0;
    if (!extend) this.anchor = null;
    if (from === null) this.cursor = step === -1 || step > 1 ? last : 0;
    else if (step === "up" || step === "down") this.cursor = this.#tokenOnLine(from, step === "up");
    else this.cursor = Math.min(last, Math.max(0, from + step));
    this.chosen = this.anchor === null ? this.marks.spanAt(this.cursor) : -1;
    if (extend && this.single) this.marks.mark(this.anchor, this.cursor, this.label);
    this.draw();
    this.changed();
    this.tokens[this.cursor].scrollIntoView({ block: "nearest" });
    const span = this.marks.spanAt(this.cursor);
    const words = this.anchor === null ? this.#tokenText(this.cursor) : this.#selectedText();
    this.say(span >= 0 ? `${words}, ${this.marks.spans[span].label}` : words);
  }

  /** The step of the left arrow key, which depends on the direction of the text. */
  get leftStep() {
    return getComputedStyle(this.place).direction === "rtl" ? 1 : -1;
  }

  clear() {
    this.cursor = this.anchor = null;
    this.chosen = -1;
    this.draw();
  }

  draw() {
    const pieces = [];
    this.tokens = this.marks.tokens.map(([start, end], number) =>
      element("span", { class: `token${this.#stateClasses(number)}`, "data-token": number }, this.text.slice(start, end)),
    );
    let token = 0;
    let place = 0;
    const until = (end, into) => {
      while (token < this.tokens.length && this.marks.tokens[token][0] < end) {
        const [from, to] = this.marks.tokens[token];
        if (to > end) break; // the span ends inside this token
        if (from >= place) {
          into.push(this.text.slice(place, from), this.tokens[token]);
          place = to;
        }
        token += 1;
      }
      into.push(this.text.slice(place, Math.max(place, end)));
      place = Math.max(place, end);
    };
    this.marks.spans.forEach((span, index) => {
      until(span.start, pieces);
      const inside = [];
      until(span.end, inside);
      pieces.push(this.#mark(span, index, inside));
    });
    until(this.text.length, pieces);
    this.place.replaceChildren(...pieces);
  }

  #mark(span, index, inside) {
    const tag = this.single ? null : element("bdi", { class: "tag", dir: "auto" }, span.label);
    const chosen = index === this.chosen && !this.single;
    const remove = chosen
      ? element("button", { type: "button", "aria-label": `Remove ${span.label} from ${this.#spanText(index)}` }, "✕")
      : null;
    remove?.addEventListener("pointerdown", (event) => event.stopPropagation());
    remove?.addEventListener("click", () => this.remove());
    const attributes = { class: `${this.hue(span.label)}${chosen ? " chosen" : ""}`, "data-span": index };
    return element("mark", attributes, ...inside, tag, remove);
  }

  #stateClasses(number) {
    let classes = number === this.cursor ? " cursor" : "";
    const [from, to] = this.dragged ?? (this.anchor === null ? [null, null] : [this.anchor, this.cursor]);
    if (from !== null && number >= Math.min(from, to) && number <= Math.max(from, to)) classes += " taken";
    return classes;
  }

  #tokenAt(event) {
    const under = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-token]");
    return under && this.place.contains(under) ? Number(under.dataset.token) : null;
  }

  #pointerDown(event) {
    if (event.button !== 0 || (this.single && event.pointerType === "touch")) return; // a swipe
    this.pressing = true;
    const token = this.#tokenAt(event);
    this.dragged = token === null ? null : [token, token];
    this.pressed = event.target.closest("[data-span]");
    if (token !== null) this.place.setPointerCapture(event.pointerId);
  }

  #pointerMove(event) {
    const token = this.dragged && this.#tokenAt(event);
    if (token === null || token === this.dragged[1]) return;
    this.dragged[1] = token;
    this.tokens.forEach((shown, number) => (shown.className = `token${this.#stateClasses(number)}`));
  }

  #pointerUp() {
    if (!this.pressing) return;
    const span = this.pressed ? Number(this.pressed.dataset.span) : -1;
    const [from, to] = this.dragged ?? [null, null];
    this.#endDrag();
    this.anchor = null;
    if (this.single && (from === null || from === to)) return;
    if (from === null || (from === to && span >= 0)) {
      this.chosen = span === this.chosen ? -1 : span;
      this.cursor = this.chosen >= 0 ? from : null;
      this.draw();
      return;
    }
    this.cursor = to;
    this.marks.mark(from, to, this.label);
    this.chosen = this.marks.spanAt(to);
    this.#finish(`${this.#spanText(this.chosen)}, ${this.label}`);
  }

  #endDrag() {
    this.pressing = false;
    this.dragged = null;
    this.pressed = null;
  }

  /** The nearest token a line above or below. */
  #tokenOnLine(from, up) {
    const start = this.tokens[from].getBoundingClientRect();
    let nearest = from;
    let minimum = Infinity;
    this.tokens.forEach((token, number) => {
      const box = token.getBoundingClientRect();
      const down = box.top - start.top;
      if (up ? down > -start.height / 2 : down < start.height / 2) return;
      const distance = 1000 * Math.abs(down) + Math.abs(box.left - start.left);
      if (distance < minimum) [nearest, minimum] = [number, distance];
    });
    return nearest;
  }

  #tokenText(number) {
    return this.text.slice(...this.marks.tokens[number]);
  }

  #selectedText() {
    const [first, last] = [this.anchor, this.cursor].sort((a, b) => a - b);
    return this.text.slice(this.marks.tokens[first][0], this.marks.tokens[last][1]);
  }

  #spanText(index) {
    const span = this.marks.spans[index];
    return span ? this.text.slice(span.start, span.end) : "";
  }

  #finish(words) {
    this.draw();
    this.changed();
    this.say(words);
  }
}

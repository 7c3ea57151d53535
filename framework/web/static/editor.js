// A text whose marks are mended by pointer and by keys. Of a span question, it is the one mark that is mended.

import { Marks } from "./marks.js";
import { Text, element } from "./text.js";

export class Editor {
  /** `hue` gives a label's class; `changed` and `say` are told of every change, and what to read out. */
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
    this.#drop();
    this.listening = new AbortController();
    const options = { signal: this.listening.signal };
    place.addEventListener("pointerdown", (event) => this.#down(event), options);
    place.addEventListener("pointermove", (event) => this.#move(event), options);
    place.addEventListener("pointerup", (event) => this.#up(event), options);
    place.addEventListener("pointercancel", () => this.#drop(), options);
    this.draw();
  }

  close() {
    this.listening.abort();
  }

  /** Take the label that is put on what is marked next, or put it on what is chosen now. */
  give(label) {
    this.label = label;
    if (this.anchor !== null && this.cursor !== null) {
      this.marks.mark(this.anchor, this.cursor, label);
      this.chosen = this.marks.holding(this.cursor);
      this.anchor = null;
    } else if (this.chosen >= 0 || this.single) {
      this.marks.relabel(Math.max(0, this.chosen), label);
    } else if (this.cursor !== null) {
      this.marks.mark(this.cursor, this.cursor, label);
      this.chosen = this.marks.holding(this.cursor);
    }
    this.#done(this.chosen >= 0 ? `${this.#words(this.chosen)}, ${label}` : `Label ${label}`);
  }

  remove() {
    if (this.chosen < 0) return;
    const words = this.#words(this.chosen);
    this.marks.remove(this.chosen);
    this.chosen = -1;
    this.#done(`${words}: no longer marked`);
  }

  back() {
    this.marks.back();
    this.chosen = -1;
    this.#done("Change taken back");
  }

  /** Move the cursor by `step` tokens, or by a line; `extend` marks what it passes. */
  go(step, extend) {
    const last = this.marks.tokens.length - 1;
    if (last < 0) return;
    if (extend && this.single && this.cursor === null) [this.anchor, this.cursor] = this.marks.tokensOf(this.marks.spans[0]);
    const from = this.cursor;
    if (extend && this.anchor === null) this.anchor = from ?? 0;
    if (!extend) this.anchor = null;
    if (from === null) this.cursor = step === -1 || step > 1 ? last : 0;
    else if (step === "up" || step === "down") this.cursor = this.#line(from, step === "up");
    else this.cursor = Math.min(last, Math.max(0, from + step));
    this.chosen = this.anchor === null ? this.marks.holding(this.cursor) : -1;
    if (extend && this.single) this.marks.mark(this.anchor, this.cursor, this.label);
    this.draw();
    this.changed();
    this.tokens[this.cursor].scrollIntoView({ block: "nearest" });
    const held = this.marks.holding(this.cursor);
    const words = this.anchor === null ? this.#token(this.cursor) : this.#selected();
    this.say(held >= 0 ? `${words}, ${this.marks.spans[held].label}` : words);
  }

  /** Which way a key to the left goes in this text. */
  get leftwards() {
    return getComputedStyle(this.place).direction === "rtl" ? 1 : -1;
  }

  leave() {
    this.cursor = this.anchor = null;
    this.chosen = -1;
    this.draw();
  }

  draw() {
    const pieces = [];
    this.tokens = this.marks.tokens.map(([start, end], number) =>
      element("span", { class: `token${this.#look(number)}`, "data-token": number }, this.text.slice(start, end)),
    );
    let token = 0;
    let place = 0;
    const until = (end, into) => {
      while (token < this.tokens.length && this.marks.tokens[token][0] < end) {
        const [from, to] = this.marks.tokens[token];
        if (to > end) break; // a mark that ends inside a token is shown as it is
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
      ? element("button", { type: "button", "aria-label": `Remove ${span.label} from ${this.#words(index)}` }, "✕")
      : null;
    remove?.addEventListener("pointerdown", (event) => event.stopPropagation());
    remove?.addEventListener("click", () => this.remove());
    const attributes = { class: `${this.hue(span.label)}${chosen ? " chosen" : ""}`, "data-span": index };
    return element("mark", attributes, ...inside, tag, remove);
  }

  #look(number) {
    let look = number === this.cursor ? " cursor" : "";
    const [one, other] = this.dragged ?? (this.anchor === null ? [null, null] : [this.anchor, this.cursor]);
    if (one !== null && number >= Math.min(one, other) && number <= Math.max(one, other)) look += " taken";
    return look;
  }

  #at(event) {
    const under = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-token]");
    return under && this.place.contains(under) ? Number(under.dataset.token) : null;
  }

  #down(event) {
    if (event.button !== 0 || (this.single && event.pointerType === "touch")) return; // a swipe
    this.pressing = true;
    const token = this.#at(event);
    this.dragged = token === null ? null : [token, token];
    this.pressed = event.target.closest("[data-span]");
    if (token !== null) this.place.setPointerCapture(event.pointerId);
  }

  #move(event) {
    const token = this.dragged && this.#at(event);
    if (token === null || token === this.dragged[1]) return;
    this.dragged[1] = token;
    this.tokens.forEach((made, number) => (made.className = `token${this.#look(number)}`));
  }

  #up() {
    if (!this.pressing) return;
    const span = this.pressed ? Number(this.pressed.dataset.span) : -1;
    const [one, other] = this.dragged ?? [null, null];
    this.#drop();
    this.anchor = null;
    if (this.single && (one === null || one === other)) return;
    if (one === null || (one === other && span >= 0)) {
      this.chosen = span === this.chosen ? -1 : span;
      this.cursor = this.chosen >= 0 ? one : null;
      this.draw();
      return;
    }
    this.cursor = other;
    this.marks.mark(one, other, this.label);
    this.chosen = this.marks.holding(other);
    this.#done(`${this.#words(this.chosen)}, ${this.label}`);
  }

  #drop() {
    this.pressing = false;
    this.dragged = null;
    this.pressed = null;
  }

  /** The token nearest to one, a line above or below. */
  #line(from, up) {
    const here = this.tokens[from].getBoundingClientRect();
    let best = from;
    let least = Infinity;
    this.tokens.forEach((token, number) => {
      const there = token.getBoundingClientRect();
      const down = there.top - here.top;
      if (up ? down > -here.height / 2 : down < here.height / 2) return;
      const far = 1000 * Math.abs(down) + Math.abs(there.left - here.left);
      if (far < least) [best, least] = [number, far];
    });
    return best;
  }

  #token(number) {
    return this.text.slice(...this.marks.tokens[number]);
  }

  #selected() {
    const [one, other] = [this.anchor, this.cursor].sort((a, b) => a - b);
    return this.text.slice(this.marks.tokens[one][0], this.marks.tokens[other][1]);
  }

  #words(index) {
    const span = this.marks.spans[index];
    return span ? this.text.slice(span.start, span.end) : "";
  }

  #done(words) {
    this.draw();
    this.changed();
    this.say(words);
  }
}

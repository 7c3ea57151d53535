// The marks of a text while they are mended: spans that snap to tokens and never overlap.

export class Marks {
  /** `tokens` are `[start, end]` in code points; `spans` are `{start, end, label}`; `single`: there is one. */
  constructor(tokens, spans, single) {
    this.tokens = tokens;
    this.single = single;
    this.offered = JSON.stringify(plain(spans));
    this.spans = plain(spans);
    this.past = [];
  }

  /** Mark the tokens from one to another, in either order; what they overlap gives way. */
  mark(one, other, label) {
    const start = this.tokens[Math.min(one, other)][0];
    const end = this.tokens[Math.max(one, other)][1];
    const others = this.single ? [] : this.spans.filter((span) => span.end <= start || span.start >= end);
    this.#become([...others, { start, end, label }]);
  }

  relabel(index, label) {
    this.#become(this.spans.map((span, at) => (at === index ? { ...span, label } : span)));
  }

  remove(index) {
    if (this.single) return;
    this.#become(this.spans.filter((_, at) => at !== index));
  }

  /** The first and the last token of a mark. */
  tokensOf({ start, end }) {
    const first = this.tokens.findIndex(([from]) => from >= start);
    const last = this.tokens.findLastIndex(([, to]) => to <= end);
    return [first, last];
  }

  /** The mark that holds a token, or -1. */
  holding(token) {
    const [start, end] = this.tokens[token] ?? [-1, -1];
    return this.spans.findIndex((span) => span.start <= start && end <= span.end);
  }

  back() {
    if (this.past.length) this.spans = this.past.pop();
  }

  get changed() {
    return JSON.stringify(this.spans) !== this.offered;
  }

  /** As an answer says it: null where nothing was changed. */
  answer() {
    return this.changed ? this.spans.map(({ start, end, label }) => [start, end, label]) : null;
  }

  #become(spans) {
    const sorted = plain(spans);
    if (JSON.stringify(sorted) === JSON.stringify(this.spans)) return;
    this.past.push(this.spans);
    this.spans = sorted;
  }
}

function plain(spans) {
  return spans.map(({ start, end, label }) => ({ start, end, label })).sort((a, b) => a.start - b.start || a.end - b.end);
}

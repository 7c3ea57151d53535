// The spans of a text while it is edited: they snap to tokens and never overlap.

export class Marks {
  /** `tokens` are `[start, end]` in code points; `spans` are `{start, end, label}`; `single` if there is exactly one. */
  constructor(tokens, spans, single) {
    this.tokens = tokens;
    this.single = single;
    this.suggested = JSON.stringify(plain(spans));
    this.spans = plain(spans);
    this.past = [];
  }

  /** Label the tokens between two, in either order; spans that overlap them are removed. */
  mark(from, to, label) {
    const start = this.tokens[Math.min(from, to)][0];
    const end = this.tokens[Math.max(from, to)][1];
    const others = this.single ? [] : this.spans.filter((span) => span.end <= start || span.start >= end);
    this.#replace([...others, { start, end, label }]);
  }

  relabel(index, label) {
    this.#replace(this.spans.map((span, at) => (at === index ? { ...span, label } : span)));
  }

  remove(index) {
    if (this.single) return;
    this.#replace(this.spans.filter((_, at) => at !== index));
  }

  /** The first and the last token of a span. */
  tokensOf({ start, end }) {
    const first = this.tokens.findIndex(([from]) => from >= start);
    const last = this.tokens.findLastIndex(([, to]) => to <= end);
    return [first, last];
  }

  /** The index of the span that contains a token, or -1. */
  spanAt(token) {
    const [start, end] = this.tokens[token] ?? [-1, -1];
    return this.spans.findIndex((span) => span.start <= start && end <= span.end);
  }

  undo() {
    if (this.past.length) this.spans = this.past.pop();
  }

  get changed() {
    return JSON.stringify(this.spans) !== this.suggested;
  }

  /** The spans for an answer: null if nothing was changed. */
  answer() {
    return this.changed ? this.spans.map(({ start, end, label }) => [start, end, label]) : null;
  }

  #replace(spans) {
    const sorted = plain(spans);
    if (JSON.stringify(sorted) === JSON.stringify(this.spans)) return;
    this.past.push(this.spans);
    this.spans = sorted;
  }
}

function plain(spans) {
  return spans.map(({ start, end, label }) => ({ start, end, label })).sort((a, b) => a.start - b.start || a.end - b.end);
}

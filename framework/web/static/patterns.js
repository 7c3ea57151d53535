// New patterns that answers suggest: a list next to the question, accepted or rejected by buttons or keys.

import { element, randomId } from "./text.js";

const MAX_SHOWN = 3;
const AHEAD = 12; // enough to judge several in a row
const MAX_VERDICTS = 50;

export class Patterns {
  /** `hue` returns a label's class; `say` reads out; `back` returns to the question; `moved` is called when the list gets or loses the focus. */
  constructor(place, server, outbox, annotator, { hue, say, back, moved }) {
    Object.assign(this, { place, server, outbox, annotator, hue, say, back });
    this.stopped = false;
    this.offers = [];
    this.verdicts = [];
    this.mine = new Map(); // verdicts given here, and since when the server has them
    this.rows = element("ul", { class: "offers" });
    this.more = element("p", {});
    this.summary = element("summary", {});
    this.list = element("ul", {});
    this.done = element("details", {}, this.summary, this.list, element("p", {}, "Accepted patterns are written to a pattern file when the session ends."));
    place.replaceChildren(element("h2", { id: "patterns-title" }, "New patterns", element("kbd", { "aria-hidden": "true" }, "P"), element("kbd", { "aria-hidden": "true", class: "keys" }, "A accept  X reject  ↑ ↓ move  Esc back")), this.rows, this.more, this.done);
    place.addEventListener("keydown", (event) => this.#key(event));
    for (const moving of ["focusin", "focusout"]) place.addEventListener(moving, moved);
    place.addEventListener("blur", () => place.removeAttribute("tabindex"));
    outbox.addEventListener("sent", () => this.#sent());
  }

  get held() {
    return this.place.contains(document.activeElement);
  }

  /** Get the current suggestions from the server. */
  async refresh() {
    const started = performance.now();
    const { suggestions, verdicts } = await this.server.post("suggestions", { annotator: this.annotator, count: AHEAD });
    for (const [id, pattern] of this.mine) {
      if (pattern.saved !== null && pattern.saved < started) this.mine.delete(id);
    }
    this.verdicts = verdicts;
    this.#merge(suggestions.filter((offer) => !this.mine.has(offer.id)));
    this.#draw();
  }

  /** Move the focus to the list; return false if it is empty. */
  focus() {
    const first = this.rows.querySelector("button") ?? (this.done.hidden ? null : this.summary);
    first?.focus();
    return first !== null;
  }

  /** Another window has taken over. */
  stop() {
    this.stopped = true;
    this.#draw();
  }

  /** Keep shown suggestions in place while they are suggested; new ones follow. */
  #merge(offers) {
    const current = new Map(offers.map((offer) => [offer.id, offer]));
    const shown = this.offers.slice(0, MAX_SHOWN).filter(({ id }) => current.has(id)).map(({ id }) => current.get(id));
    const ids = new Set(shown.map(({ id }) => id));
    this.offers = [...shown, ...offers.filter(({ id }) => !ids.has(id))];
  }

  #judge(offer, verdict) {
    const made = { id: randomId(), suggestion: offer.id, verdict, time: Date.now() / 1000 };
    this.mine.set(offer.id, { ...offer, verdict, verdictId: made.id, saved: null });
    this.offers = this.offers.filter(({ id }) => id !== offer.id);
    this.#draw();
    this.outbox.add({ kind: "verdict", verdict: made });
    this.say(`Pattern ${offer.words}: ${verdict}ed`);
  }

  #sent() {
    const waiting = new Set(this.outbox.waiting.filter(({ kind }) => kind === "verdict").map(({ verdict }) => verdict.id));
    for (const pattern of this.mine.values()) {
      if (pattern.saved === null && !waiting.has(pattern.verdictId)) pattern.saved = performance.now();
    }
  }

  #draw() {
    const judged = [...[...this.mine.values()].reverse(), ...this.verdicts.filter(({ id }) => !this.mine.has(id))];
    this.place.hidden = this.stopped || (!this.offers.length && !judged.length);
    const held = this.held ? document.activeElement.dataset.key ?? "" : null;
    this.rows.replaceChildren(...this.offers.slice(0, MAX_SHOWN).map((offer) => this.#offerRow(offer)));
    this.rows.hidden = !this.offers.length;
    const left = this.offers.length - MAX_SHOWN;
    this.more.textContent = left > 0 ? `and ${left === AHEAD - MAX_SHOWN ? `${left} or more` : left} more` : "";
    this.more.hidden = left <= 0;
    const count = (verdict) => judged.filter((pattern) => pattern.verdict === verdict).length;
    this.summary.textContent = [["accept", "accepted"], ["reject", "rejected"]].filter(([verdict]) => count(verdict)).map(([verdict, words]) => `${count(verdict)} ${words}`).join(", ");
    this.list.replaceChildren(...judged.slice(0, MAX_VERDICTS).map((pattern) => this.#verdictRow(pattern)));
    this.done.hidden = !judged.length;
    if (held) (this.place.querySelector(`[data-key="${held}"]`) ?? this.#focusable()).focus();
  }

  /** Return the list itself, made focusable: the focused button is gone, and the question must not get its keys. */
  #focusable() {
    this.place.tabIndex = -1;
    return this.place;
  }

  #offerRow(offer) {
    return element(
      "li",
      { "data-id": offer.id },
      this.#surface(offer),
      element("small", {}, evidence(offer)),
      this.#button(offer, "accept", "✓"),
      this.#button(offer, "reject", "✕"),
    );
  }

  #surface({ words, label }) {
    return element("span", { class: "words" }, element("bdi", { class: "surface" }, words), " ", element("bdi", { class: `label ${this.hue(label)}` }, label));
  }

  #button(offer, verdict, sign) {
    const title = verdict === "accept" ? "Accept: write it to the pattern file" : "Reject: never suggest it again";
    const attributes = {
      type: "button",
      class: verdict === "accept" ? "yes" : "no",
      "data-key": `${offer.id}-${verdict}`,
      "aria-label": `${verdict === "accept" ? "Accept" : "Reject"} the pattern ${offer.words}, ${offer.label}`,
      title,
    };
    const button = element("button", attributes, sign);
    button.addEventListener("click", (event) => this.#pressed(event, offer, verdict));
    return button;
  }

  #verdictRow(pattern) {
    const other = pattern.verdict === "accept" ? "reject" : "accept";
    const label = `${pattern.verdict === "accept" ? "Accepted" : "Rejected"}: ${pattern.words}, ${pattern.label}. ${other === "accept" ? "Accept" : "Reject"} it instead`;
    const button = element("button", { type: "button", class: "quiet", "data-key": `${pattern.id}-change`, "aria-label": label }, other === "accept" ? "Accept" : "Reject");
    button.addEventListener("click", (event) => this.#pressed(event, pattern, other));
    return element("li", { class: pattern.verdict }, this.#surface(pattern), button);
  }

  #pressed(event, offer, verdict) {
    const row = event.currentTarget.closest(".offers > li");
    const at = row && [...this.rows.children].indexOf(row);
    this.#judge(offer, verdict);
    if (event.detail > 0) this.back(); // by pointer: return the focus to the question
    else if (at !== null) this.#focusRow(at);
  }

  /** Focus a row of the list, or the last one, or the question if the list is empty. */
  #focusRow(at) {
    const rows = this.rows.children;
    const row = rows[Math.min(Math.max(0, at), rows.length - 1)];
    if (row) row.querySelector("button").focus();
    else this.back();
  }

  /** Handle a key in the list, so that it does not reach the question. */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = event.target.closest(".offers > li");
    const at = row ? [...this.rows.children].indexOf(row) : -1;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "Escape" || key === "p") this.back();
    else if (key === "ArrowDown" || key === "ArrowUp") this.#focusRow(at + (key === "ArrowDown" ? 1 : -1));
    else if (row && (key === "a" || key === "x") && !event.repeat) {
      this.#judge(this.offers[at], key === "a" ? "accept" : "reject");
      this.#focusRow(at);
    } else if (!["a", "x", "f", "d", "Backspace", "Delete", "ArrowLeft", "ArrowRight"].includes(key) && !/^[1-9]$/.test(key)) return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** The evidence for a suggestion, in words. */
function evidence({ accepted, rejected, elsewhere }) {
  const times = (count) => (count === 1 ? "once" : `${count.toLocaleString("en")} times`);
  const wrong = rejected ? `, wrong ${times(rejected)}` : "";
  return `accepted ${times(accepted)}${wrong}, ${elsewhere ? `found ${times(elsewhere)} more` : "found nowhere else"}`;
}

// New patterns that answers suggest: a quiet list beside the question, judged by buttons or by keys.

import { element, randomId } from "./text.js";

const SHOWN = 3;
const AHEAD = 12; // so that several can be judged one after the other
const JUDGED = 50;

export class Patterns {
  /** `hue` gives a label's class; `say` reads out; `back` goes back to the question; `moved` is told when the list is gone to or left. */
  constructor(place, server, outbox, annotator, { hue, say, back, moved }) {
    Object.assign(this, { place, server, outbox, annotator, hue, say, back });
    this.stopped = false;
    this.offers = [];
    this.judged = [];
    this.mine = new Map(); // what was judged here, and since when the server has it
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

  /** Ask the server what is suggested now. */
  async look() {
    const begun = performance.now();
    const { suggestions, judged } = await this.server.post("suggestions", { annotator: this.annotator, count: AHEAD });
    for (const [id, one] of this.mine) {
      if (one.saved !== null && one.saved < begun) this.mine.delete(id);
    }
    this.judged = judged;
    this.#merge(suggestions.filter((offer) => !this.mine.has(offer.id)));
    this.#draw();
  }

  /** Go to the list by a key; false: there is nothing in it. */
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

  /** What is shown stays where it is while it is suggested; what is new comes after it. */
  #merge(offers) {
    const there = new Map(offers.map((offer) => [offer.id, offer]));
    const shown = this.offers.slice(0, SHOWN).filter(({ id }) => there.has(id)).map(({ id }) => there.get(id));
    const ids = new Set(shown.map(({ id }) => id));
    this.offers = [...shown, ...offers.filter(({ id }) => !ids.has(id))];
  }

  #judge(offer, verdict) {
    const judgement = { id: randomId(), suggestion: offer.id, verdict, time: Date.now() / 1000 };
    this.mine.set(offer.id, { ...offer, verdict, judgement: judgement.id, saved: null });
    this.offers = this.offers.filter(({ id }) => id !== offer.id);
    this.#draw();
    this.outbox.add({ kind: "judgement", judgement });
    this.say(`Pattern ${offer.words}: ${verdict}ed`);
  }

  #sent() {
    const waiting = new Set(this.outbox.waiting.filter(({ kind }) => kind === "judgement").map(({ judgement }) => judgement.id));
    for (const one of this.mine.values()) {
      if (one.saved === null && !waiting.has(one.judgement)) one.saved = performance.now();
    }
  }

  #draw() {
    const judged = [...[...this.mine.values()].reverse(), ...this.judged.filter(({ id }) => !this.mine.has(id))];
    this.place.hidden = this.stopped || (!this.offers.length && !judged.length);
    const held = this.held ? document.activeElement.dataset.key ?? "" : null;
    this.rows.replaceChildren(...this.offers.slice(0, SHOWN).map((offer) => this.#offer(offer)));
    this.rows.hidden = !this.offers.length;
    const left = this.offers.length - SHOWN;
    this.more.textContent = left > 0 ? `and ${left === AHEAD - SHOWN ? `${left} or more` : left} others` : "";
    this.more.hidden = left <= 0;
    const count = (verdict) => judged.filter((one) => one.verdict === verdict).length;
    this.summary.textContent = [["accept", "accepted"], ["reject", "rejected"]].filter(([verdict]) => count(verdict)).map(([verdict, words]) => `${count(verdict)} ${words}`).join(", ");
    this.list.replaceChildren(...judged.slice(0, JUDGED).map((one) => this.#changeable(one)));
    this.done.hidden = !judged.length;
    if (held) (this.place.querySelector(`[data-key="${held}"]`) ?? this.#itself()).focus();
  }

  /** The list as a whole: what had the keys is gone, and nothing is to have them, least of all the question. */
  #itself() {
    this.place.tabIndex = -1;
    return this.place;
  }

  #offer(offer) {
    return element(
      "li",
      { "data-id": offer.id },
      this.#words(offer),
      element("small", {}, evidence(offer)),
      this.#button(offer, "accept", "✓"),
      this.#button(offer, "reject", "✕"),
    );
  }

  #words({ words, label }) {
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

  #changeable(one) {
    const other = one.verdict === "accept" ? "reject" : "accept";
    const label = `${one.verdict === "accept" ? "Accepted" : "Rejected"}: ${one.words}, ${one.label}. ${other === "accept" ? "Accept" : "Reject"} it instead`;
    const button = element("button", { type: "button", class: "quiet", "data-key": `${one.id}-change`, "aria-label": label }, other === "accept" ? "Accept" : "Reject");
    button.addEventListener("click", (event) => this.#pressed(event, one, other));
    return element("li", { class: one.verdict }, this.#words(one), button);
  }

  #pressed(event, offer, verdict) {
    const row = event.currentTarget.closest(".offers > li");
    const at = row && [...this.rows.children].indexOf(row);
    this.#judge(offer, verdict);
    if (event.detail > 0) this.back(); // by pointer: the keys are the question's again
    else if (at !== null) this.#go(at);
  }

  /** Focus a row of the list, or the last one, or the question if there is none. */
  #go(at) {
    const rows = this.rows.children;
    const row = rows[Math.min(Math.max(0, at), rows.length - 1)];
    if (row) row.querySelector("button").focus();
    else this.back();
  }

  /** A key in the list is for the list, and not for the question. */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = event.target.closest(".offers > li");
    const at = row ? [...this.rows.children].indexOf(row) : -1;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "Escape" || key === "p") this.back();
    else if (key === "ArrowDown" || key === "ArrowUp") this.#go(at + (key === "ArrowDown" ? 1 : -1));
    else if (row && (key === "a" || key === "x") && !event.repeat) {
      this.#judge(this.offers[at], key === "a" ? "accept" : "reject");
      this.#go(at);
    } else if (!["a", "x", "f", "d", "Backspace", "Delete", "ArrowLeft", "ArrowRight"].includes(key) && !/^[1-9]$/.test(key)) return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** What speaks for a suggestion, in words. */
function evidence({ accepted, rejected, elsewhere }) {
  const times = (count) => (count === 1 ? "once" : `${count.toLocaleString("en")} times`);
  const wrong = rejected ? `, wrong ${times(rejected)}` : "";
  return `accepted ${times(accepted)}${wrong}, ${elsewhere ? `found ${times(elsewhere)} more` : "found nowhere else"}`;
}

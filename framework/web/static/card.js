// The card: the question, the text with its spans, the reason, and other fields of the input.

import { Editor } from "./editor.js";
import { Text, element } from "./text.js";
import { explain } from "./why.js";

const LONG_TEXT = 700;
const byId = (id) => document.getElementById(id);

export class Card {
  /** `labels` are the session's, in the order of the colours; `answered` is called when a label answers the question. */
  constructor(labels, say, answered) {
    this.answered = answered;
    this.labels = labels;
    this.say = say;
    this.question = null;
    this.editor = null;
    this.drafts = new Map();
    this.hue = (label) => {
      const index = this.labels.indexOf(label);
      return `hue-${(index >= 0 ? index : 1 + this.question.labels.indexOf(label)) % 8}`;
    };
  }

  /** Show a question, or none if null. */
  show(question) {
    if (this.editor) this.#keepDraft();
    this.editor?.close();
    this.editor = null;
    this.question = question;
    byId("card").hidden = byId("buttons").hidden = question === null;
    if (question === null) {
      byId("text").replaceChildren();
      return;
    }
    const editable = question.kind === "text";
    const place = byId("text");
    place.className = `${editable ? "editable" : "single"}${question.text.length > LONG_TEXT ? " long" : ""}`;
    for (const [name, value] of [["tabindex", "0"], ["role", "application"], ["aria-label", "Text to mark"]]) {
      if (editable) place.setAttribute(name, value);
      else place.removeAttribute(name);
    }
    this.editor = new Editor(place, question, this.drafts.get(question.id), {
      hue: this.hue,
      changed: () => this.#changed(),
      say: this.say,
    });
    this.#changed();
    byId("why").replaceChildren(...explain(question));
    byId("meta").replaceChildren(
      ...Object.entries(question.meta).map(([key, value]) =>
        element("div", {}, element("dt", {}, element("bdi", {}, key)), element("dd", { title: value }, element("bdi", {}, value))),
      ),
    );
    this.#appear();
  }

  /** The edited spans for an answer; null if nothing was changed. */
  get spans() {
    return this.editor ? this.editor.marks.answer() : null;
  }

  /** Show these spans when the question is shown again. */
  setDraft(question, spans) {
    if (spans) this.drafts.set(question.id, spans);
    else this.drafts.delete(question.id);
  }

  setLabel(label) {
    this.editor?.setLabel(label);
    if (this.question?.mode === "retype" && this.question.kind === "span") this.answered();
  }

  /** The question in words, for screen readers. */
  get words() {
    const { kind, text, spans } = this.question;
    if (kind === "text") {
      const marks = spans.map((span) => `${new Text(text).slice(span.start, span.end)}, ${span.label}`);
      return `${text}. ${marks.length ? `Marked: ${marks.join("; ")}.` : "Nothing is marked."} Right and complete?`;
    }
    const [span] = spans;
    return `${new Text(text).slice(span.start, span.end)}: ${span.label}? In: ${text}`;
  }

  #keepDraft() {
    this.setDraft(this.question, this.spans);
  }

  #describe() {
    const { kind, labels, reason } = this.question;
    if (kind === "text") {
      const ask = reason === "follow-up" ? "Anything else? Mark every" : "Mark every";
      return labels.length > 1 ? [ask] : [`${ask} `, this.#label(labels[0]), ", until it is right and complete."];
    }
    if (this.question.mode === "retype") return ["Which is it?"];
    return ["Is this ", this.#label(this.editor.marks.spans[0].label), this.editor.marks.changed ? ", as you marked it?" : "?"];
  }

  #label(label) {
    return element("bdi", { class: `label ${this.hue(label)}` }, label);
  }

  #changed() {
    byId("ask").replaceChildren(...this.#describe());
    this.#showLabels();
  }

  #showLabels() {
    const selectable = this.question.kind === "text" || this.question.mode === "retype";
    byId("labels").hidden = !selectable || this.question.labels.length < 2;
    if (byId("labels").hidden) return;
    const current = this.editor?.label ?? this.question.labels[0];
    byId("labels").replaceChildren(
      ...this.question.labels.map((label, at) => {
        const digit = at < 9 ? element("kbd", {}, String(at + 1)) : null;
        const checked = String(label === current);
        const attributes = { type: "button", role: "radio", "aria-checked": checked, class: `label ${this.hue(label)}` };
        const button = element("button", attributes, element("bdi", {}, label), digit);
        button.addEventListener("click", () => this.setLabel(label));
        return button;
      }),
    );
  }

  #appear() {
    const card = byId("card");
    card.classList.remove("new");
    void card.offsetWidth; // restarts the animation
    card.classList.add("new");
    const place = byId("text");
    place.scrollTop = 0;
    const mark = place.querySelector("mark");
    if (mark && place.scrollHeight > place.clientHeight) {
      place.scrollTop = mark.offsetTop - place.offsetTop - place.clientHeight / 3;
    }
  }
}

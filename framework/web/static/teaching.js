// The session in the browser: a queue of questions ahead, answers that never wait, and the way back.

import { randomId } from "./text.js";

const AHEAD = 10; // enough to go on for a while without a network, and chosen by a model that is not too old
const MOST = 50;
const REMEMBERED = 20;
const AGAIN = 3_000;
const OLD = 120_000; // after so long, others may have been given what was left here

export class Teaching extends EventTarget {
  constructor(server, outbox, annotator, keep) {
    super();
    this.server = server;
    this.outbox = outbox;
    this.annotator = annotator;
    this.keep = keep;
    this.queue = keep.get("queue", []);
    this.history = keep.get("history", []);
    this.answered = new Map();
    this.flagged = false;
    this.filling = false;
    this.filled = 0;
    this.exhausted = false;
    this.trouble = "";
    this.stopped = false;
    this.queue = this.queue.filter((question) => !outbox.answered().has(question.id));
    this.#look();
    outbox.addEventListener("sent", () => this.fill());
  }

  get question() {
    return this.queue[0] ?? null;
  }

  /** Answer the question that is shown, and go on at once. */
  answer(verdict, spans) {
    const question = this.question;
    if (question === null) return;
    const answer = {
      id: randomId(),
      question: question.id,
      verdict,
      spans,
      seconds: Math.round(this.#seconds() * 1000) / 1000,
      time: Date.now() / 1000,
      flagged: this.flagged,
    };
    this.queue.shift();
    this.answered.set(question.id, performance.now());
    this.history = [...this.history, { question, answer }].slice(-REMEMBERED);
    this.#next();
    this.outbox.add({ kind: "answer", answer });
    this.fill();
  }

  /** Take the last answer back: its question is shown again. Returns what it was, or null. */
  undo() {
    const last = this.history.at(-1);
    if (!last) return null;
    this.history = this.history.slice(0, -1);
    this.answered.delete(last.question.id);
    this.queue = [last.question, ...this.queue.filter((question) => question.id !== last.question.id)];
    if (!this.outbox.withdraw(last.answer.id)) {
      this.outbox.add({ kind: "undo", answer: last.answer.id, question: last.question.id });
    }
    this.#next();
    this.flagged = last.answer.flagged;
    return last;
  }

  /** Get more questions. `anew`: those here that the server does not hold for us any more are dropped. */
  async fill(anew = false) {
    if (this.filling || this.stopped || (this.queue.length >= AHEAD && !anew)) return;
    this.filling = true;
    const begun = performance.now();
    const unsent = this.outbox.answered(); // may still be handed out, if the question overtakes its answer
    const count = Math.min(MOST, AHEAD + unsent.size);
    try {
      const { questions } = await this.server.post("questions", { annotator: this.annotator, count });
      if (this.stopped) return;
      this.filled = performance.now();
      this.trouble = "";
      this.#take(questions, begun, unsent, anew);
      this.exhausted = questions.length < count;
    } catch (error) {
      this.exhausted = false;
      this.trouble = error.status ? error.message : "";
      this.dispatchEvent(new Event("filled"));
    } finally {
      this.filling = false;
    }
    if (!this.queue.length && !this.stopped) setTimeout(() => this.fill(), AGAIN);
  }

  /** Ask which of the questions here are still ours, when that was long ago. */
  renew() {
    if (performance.now() - this.filled > OLD) this.fill(true);
  }

  /** What the server knew at `begun` of the latest answers, newest first; what came since goes on top. */
  recall(history, begun) {
    const waiting = this.outbox.waiting;
    const undone = new Set(waiting.filter((entry) => entry.kind === "undo").map((entry) => entry.answer));
    const sent = [...history].reverse().filter(({ answer }) => !undone.has(answer.id));
    const known = new Set(sent.map(({ answer }) => answer.id));
    const unsent = new Set(waiting.filter((entry) => entry.kind === "answer").map((entry) => entry.answer.id));
    const late = ({ question, answer }) => unsent.has(answer.id) || (this.answered.get(question.id) ?? -1) >= begun;
    const here = this.history.filter((one) => late(one) && !known.has(one.answer.id));
    this.history = [...sent, ...here].slice(-REMEMBERED);
    this.#save();
  }

  #take(questions, begun, unsent, anew) {
    const first = this.question?.id;
    const waiting = new Set([...this.outbox.answered(), ...unsent]);
    const there = new Set(questions.map((question) => question.id));
    const returning = new Set(this.outbox.waiting.filter((entry) => entry.kind === "undo").map((entry) => entry.question));
    if (anew) this.queue = this.queue.filter(({ id }) => there.has(id) || returning.has(id));
    const here = new Set(this.queue.map((question) => question.id));
    for (const question of questions) {
      const lately = (this.answered.get(question.id) ?? -1) >= begun;
      if (!here.has(question.id) && !waiting.has(question.id) && !lately) this.queue.push(question);
    }
    if (this.question?.id !== first) this.#next();
    else this.#save();
    this.dispatchEvent(new Event("filled"));
  }

  #next() {
    this.flagged = false;
    this.#save();
    this.#look();
    this.dispatchEvent(new Event("next"));
  }

  #save() {
    if (this.stopped) return;
    this.keep.set("queue", this.queue);
    this.keep.set("history", this.history);
  }

  /** Begin to measure how long the question is looked at; time in a hidden page does not count. */
  #look() {
    this.seen = 0;
    this.since = document.hidden ? null : performance.now();
  }

  #seconds() {
    return (this.seen + (this.since === null ? 0 : performance.now() - this.since)) / 1000;
  }

  hide(hidden) {
    if (hidden && this.since !== null) {
      this.seen += performance.now() - this.since;
      this.since = null;
    } else if (!hidden && this.since === null) {
      this.since = performance.now();
    }
  }
}

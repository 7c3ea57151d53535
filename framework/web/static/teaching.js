// The session in the browser: a queue of questions, answers that never wait, and undo.

import { randomId } from "./text.js";

const AHEAD = 10; // enough to continue for a while without a network, but not chosen by too old a model
const MAX_REQUEST = 50;
const HISTORY_SIZE = 20;
const RETRY = 3_000;
const STALE = 120_000; // after this, others may have been given the questions here

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
    this.queue = this.queue.filter((question) => !outbox.answeredQuestions().has(question.id));
    this.#startClock();
    outbox.addEventListener("sent", () => this.fill());
  }

  get question() {
    return this.queue[0] ?? null;
  }

  /** Answer the current question, and show the next at once. */
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
    this.history = [...this.history, { question, answer }].slice(-HISTORY_SIZE);
    this.#next();
    this.outbox.add({ kind: "answer", answer });
    this.fill();
  }

  /** Undo the last answer and show its question again; return it, or null if there is none. */
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

  /** Get more questions; if `reset`, drop those that the server no longer holds for us. */
  async fill(reset = false) {
    if (this.filling || this.stopped || (this.queue.length >= AHEAD && !reset)) return;
    this.filling = true;
    const started = performance.now();
    const unsent = this.outbox.answeredQuestions(); // may be handed out again, if the request overtakes the answer
    const count = Math.min(MAX_REQUEST, AHEAD + unsent.size);
    try {
      const { questions } = await this.server.post("questions", { annotator: this.annotator, count });
      if (this.stopped) return;
      this.filled = performance.now();
      this.trouble = "";
      this.#take(questions, started, unsent, reset);
      this.exhausted = questions.length < count;
    } catch (error) {
      this.exhausted = false;
      this.trouble = error.status ? error.message : "";
      this.dispatchEvent(new Event("filled"));
    } finally {
      this.filling = false;
    }
    if (!this.queue.length && !this.stopped) setTimeout(() => this.fill(), RETRY);
  }

  /** Check which questions are still ours, if the last check was long ago. */
  refresh() {
    if (performance.now() - this.filled > STALE) this.fill(true);
  }

  /** Merge the server's latest answers, newest first, as of `started`, with later ones from here. */
  recall(history, started) {
    const waiting = this.outbox.waiting;
    const undone = new Set(waiting.filter((entry) => entry.kind === "undo").map((entry) => entry.answer));
    const sent = [...history].reverse().filter(({ answer }) => !undone.has(answer.id));
    const known = new Set(sent.map(({ answer }) => answer.id));
    const unsent = new Set(waiting.filter((entry) => entry.kind === "answer").map((entry) => entry.answer.id));
    const isLater = ({ question, answer }) => unsent.has(answer.id) || (this.answered.get(question.id) ?? -1) >= started;
    const later = this.history.filter((entry) => isLater(entry) && !known.has(entry.answer.id));
    this.history = [...sent, ...later].slice(-HISTORY_SIZE);
    this.#save();
  }

  #take(questions, started, unsent, reset) {
    const first = this.question?.id;
    const waiting = new Set([...this.outbox.answeredQuestions(), ...unsent]);
    const held = new Set(questions.map((question) => question.id));
    const returning = new Set(this.outbox.waiting.filter((entry) => entry.kind === "undo").map((entry) => entry.question));
    if (reset) this.queue = this.queue.filter(({ id }) => held.has(id) || returning.has(id));
    const queued = new Set(this.queue.map((question) => question.id));
    for (const question of questions) {
      const lately = (this.answered.get(question.id) ?? -1) >= started;
      if (!queued.has(question.id) && !waiting.has(question.id) && !lately) this.queue.push(question);
    }
    if (this.question?.id !== first) this.#next();
    else this.#save();
    this.dispatchEvent(new Event("filled"));
  }

  #next() {
    this.flagged = false;
    this.#save();
    this.#startClock();
    this.dispatchEvent(new Event("next"));
  }

  #save() {
    if (this.stopped) return;
    this.keep.set("queue", this.queue);
    this.keep.set("history", this.history);
  }

  /** Start measuring the time for the question; time while the page is hidden does not count. */
  #startClock() {
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

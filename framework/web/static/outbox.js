// Changes that are not on the server yet: sent in order, and retried until the server has them.
//
// Answers and verdicts on patterns have ids, so that the server saves each once however often it arrives; an
// undo names the answer to undo. Everything is stored in the browser, and survives a reload.

const FIRST_WAIT = 500;
const MAX_WAIT = 10_000;
const MAX_BATCH = 50;

export class Outbox extends EventTarget {
  constructor(server, annotator, keep) {
    super();
    this.server = server;
    this.annotator = annotator;
    this.keep = keep;
    this.waiting = keep.get("outbox", []).map(upgrade);
    this.refused = keep.get("refused", []);
    this.state = "saved";
    this.words = "";
    this.stopped = false;
    this.running = false;
    this.wake = () => {};
    addEventListener("online", () => this.wake());
  }

  get length() {
    return this.waiting.length;
  }

  add(entry) {
    this.waiting.push(entry);
    this.#save();
    this.run();
  }

  /** Remove an answer that has not been sent; return false if it may be on the server. */
  withdraw(id) {
    const last = this.waiting.at(-1);
    if (last?.kind !== "answer" || last.answer.id !== id || last.sent) return false;
    this.waiting.pop();
    this.#save();
    return true;
  }

  /** The ids of questions answered here, whether the server knows it yet or not. */
  answeredQuestions() {
    const ids = new Set();
    for (const entry of this.waiting) {
      if (entry.kind === "answer") ids.add(entry.answer.question);
      else if (entry.kind === "undo") ids.delete(entry.question);
    }
    return ids;
  }

  forgetRefused() {
    this.refused = [];
    this.#save();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    let wait = FIRST_WAIT;
    try {
      while (this.waiting.length && !this.stopped) {
        this.#setState("sending", "");
        try {
          await this.#send();
          wait = FIRST_WAIT;
        } catch (error) {
          this.#setState("offline", error.status ? error.message : "");
          await this.#wait(wait);
          wait = Math.min(2 * wait, MAX_WAIT);
        }
      }
    } finally {
      this.running = false;
    }
    if (!this.stopped) this.#setState(this.refused.length ? "refused" : "saved", "");
  }

  async #send() {
    const first = this.waiting[0];
    const batch = [];
    for (const entry of this.waiting) {
      if (entry.kind !== first.kind || batch.length >= (first.kind === "undo" ? 1 : MAX_BATCH)) break;
      batch.push(entry);
    }
    for (const entry of batch) entry.sent = true;
    this.#save();
    try {
      if (first.kind === "undo") {
        await this.server.post("undo", { annotator: this.annotator, answer: first.answer });
      } else {
        const path = `${first.kind}s`;
        const message = { annotator: this.annotator, [path]: batch.map((entry) => entry[first.kind]) };
        const { refused } = await this.server.post(path, message);
        this.refused.push(...refused);
      }
    } catch (error) {
      if (error.temporary ?? true) throw error;
      this.refused.push(...batch.map((entry) => ({ id: (entry.verdict ?? entry.answer).id ?? entry.answer, error: error.message })));
    }
    this.waiting.splice(0, batch.length);
    this.#save();
    this.dispatchEvent(new Event("sent"));
  }

  #wait(time) {
    return new Promise((resolve) => {
      this.wake = resolve;
      setTimeout(resolve, time);
    });
  }

  #save() {
    if (this.stopped) return;
    this.keep.set("outbox", this.waiting);
    this.keep.set("refused", this.refused.slice(-20));
    this.dispatchEvent(new Event("changed"));
  }

  #setState(state, words) {
    this.state = state;
    this.words = words;
    this.dispatchEvent(new Event("changed"));
  }
}

/** Return an entry that an earlier version of the page stored as this version stores it. */
function upgrade(entry) {
  const { judgement, ...rest } = entry;
  return entry.kind === "judgement" ? { ...rest, kind: "verdict", verdict: judgement } : entry;
}

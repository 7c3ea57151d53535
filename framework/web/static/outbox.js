// What was done and is not yet on the server: sent in order, again and again, until the server has it.
//
// An answer has an id of its own, so that the server saves it once however often it arrives, and so has the
// judgement of a pattern; an undo names the answer that it takes back. All of it is kept in the browser, over
// reloads too.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;
const AT_ONCE = 50;

export class Outbox extends EventTarget {
  constructor(server, annotator, keep) {
    super();
    this.server = server;
    this.annotator = annotator;
    this.keep = keep;
    this.waiting = keep.get("outbox", []);
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

  /** Take back an answer that has not begun its way to the server; false: it may be there. */
  withdraw(id) {
    const last = this.waiting.at(-1);
    if (last?.kind !== "answer" || last.answer.id !== id || last.sent) return false;
    this.waiting.pop();
    this.#save();
    return true;
  }

  /** The questions that are answered here, whatever the server knows so far. */
  answered() {
    const ids = new Set();
    for (const entry of this.waiting) {
      if (entry.kind === "answer") ids.add(entry.answer.question);
      else if (entry.kind === "undo") ids.delete(entry.question);
    }
    return ids;
  }

  forget() {
    this.refused = [];
    this.#save();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    let wait = FIRST_WAIT;
    try {
      while (this.waiting.length && !this.stopped) {
        this.#tell("sending", "");
        try {
          await this.#send();
          wait = FIRST_WAIT;
        } catch (error) {
          this.#tell("offline", error.status ? error.message : "");
          await this.#pause(wait);
          wait = Math.min(2 * wait, LONGEST_WAIT);
        }
      }
    } finally {
      this.running = false;
    }
    if (!this.stopped) this.#tell(this.refused.length ? "refused" : "saved", "");
  }

  async #send() {
    const first = this.waiting[0];
    const batch = [];
    for (const entry of this.waiting) {
      if (entry.kind !== first.kind || batch.length >= (first.kind === "undo" ? 1 : AT_ONCE)) break;
      batch.push(entry);
    }
    for (const entry of batch) entry.sent = true;
    this.#save();
    try {
      if (first.kind === "undo") {
        await this.server.post("undo", { annotator: this.annotator, answer: first.answer });
      } else {
        const what = `${first.kind}s`;
        const message = { annotator: this.annotator, [what]: batch.map((entry) => entry[first.kind]) };
        const { refused } = await this.server.post(what, message);
        this.refused.push(...refused);
      }
    } catch (error) {
      if (error.passing ?? true) throw error;
      this.refused.push(...batch.map((entry) => ({ id: (entry.judgement ?? entry.answer).id ?? entry.answer, error: error.message })));
    }
    this.waiting.splice(0, batch.length);
    this.#save();
    this.dispatchEvent(new Event("sent"));
  }

  #pause(time) {
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

  #tell(state, words) {
    this.state = state;
    this.words = words;
    this.dispatchEvent(new Event("changed"));
  }
}

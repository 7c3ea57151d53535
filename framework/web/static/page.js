// The page: ties the session, the card, the keys and the server together.

import { Card } from "./card.js";
import { Keep } from "./keep.js";
import { listen } from "./keys.js";
import { Outbox } from "./outbox.js";
import { Patterns } from "./patterns.js";
import { progress } from "./progress.js";
import { soleWindow } from "./window.js";
import { swipes } from "./swipes.js";
import { Teaching } from "./teaching.js";
import { element } from "./text.js";

const byId = (id) => document.getElementById(id);
const LOOK = 1_500;
const LOOK_AGAIN = 8_000; // the model learns, and others answer, while nothing is sent from here

export class Page {
  constructor(settings, server, annotator) {
    const key = `${settings.dataset}/${settings.mode}/${annotator}`;
    this.settings = settings.settings;
    this.server = server;
    this.annotator = annotator;
    this.keep = new Keep(`nerture/${key}`);
    this.outbox = new Outbox(server, annotator, this.keep);
    this.teaching = new Teaching(server, this.outbox, annotator, this.keep);
    this.card = new Card(settings.labels, say, () => this.answer("accept"));
    const hue = (label) => `hue-${Math.max(0, settings.labels.indexOf(label)) % 8}`;
    this.patterns = new Patterns(byId("patterns"), server, this.outbox, annotator, {
      hue,
      say,
      back: () => this.focus(),
      moved: () => this.pause(),
    });
    this.looking = null;
    this.does = {
      accept: () => this.answer("accept"),
      reject: () => this.answer("reject"),
      ignore: () => this.answer("ignore"),
      enter: () => this.teaching.question?.kind === "text" && this.answer("accept"),
      undo: () => this.undo(),
      flag: () => this.flag(),
      patterns: () => this.patterns.focus() || toast("No new patterns are suggested"),
      help: () => byId("help").showModal(),
    };
    this.teaching.addEventListener("next", () => this.show());
    this.teaching.addEventListener("filled", () => this.rest());
    this.outbox.addEventListener("changed", () => this.connection());
    this.outbox.addEventListener("sent", () => this.look());
    document.addEventListener("visibilitychange", () => this.hide());
    soleWindow(key, () => this.stop());
  }

  begin() {
    listen(this.card, this.does);
    swipes(byId("card"), () => this.teaching.question?.kind === "span", this.does);
    for (const button of document.querySelectorAll("[data-does]")) {
      button.addEventListener("click", () => this.does[button.dataset.does]());
    }
    this.show();
    this.connection();
    this.outbox.run();
    this.teaching.fill(true);
    this.look(0, true);
    setInterval(() => {
      if (document.hidden || this.stopped) return;
      this.look(0);
      this.teaching.renew();
    }, LOOK_AGAIN);
  }

  answer(verdict) {
    if (this.stopped || this.teaching.question === null) return;
    const spans = verdict === "accept" ? this.card.spans : null;
    const { kind } = this.teaching.question;
    this.card.draft(this.teaching.question, spans);
    this.teaching.answer(verdict, spans);
    if (verdict !== "accept") toast(verdict === "ignore" ? "Ignored" : kind === "text" ? "Set aside" : "Rejected");
  }

  undo() {
    if (this.stopped) return;
    const last = this.teaching.history.at(-1);
    if (last?.answer.spans) this.card.drafts.set(last.question.id, last.answer.spans);
    if (!this.teaching.undo()) {
      toast("Nothing to take back");
      return;
    }
    toast("Taken back");
    this.flagged();
  }

  flag() {
    if (this.teaching.question === null) return;
    this.teaching.flagged = !this.teaching.flagged;
    this.flagged();
    say(this.teaching.flagged ? "Flagged" : "No longer flagged");
  }

  flagged() {
    document.querySelector("[data-does=flag]").setAttribute("aria-pressed", String(this.teaching.flagged));
  }

  show() {
    const question = this.teaching.question;
    this.card.show(question);
    this.flagged();
    this.rest();
    if (question === null) return;
    const text = question.kind === "text";
    name("accept", text ? "Right and complete" : "Accept", text ? "↵" : "A");
    name("reject", text ? "Set aside" : "Reject", "X");
    say(this.card.words);
    if (!this.patterns.held) this.focus();
  }

  /** Give the keys to the question. */
  focus() {
    (this.teaching.question?.kind === "text" ? byId("text") : byId("card")).focus({ preventScroll: true });
    if (this.patterns.held) document.activeElement.blur(); // there is no question to focus
  }

  /** Time in another page or with the new patterns is no time of the question. */
  pause() {
    this.teaching.hide(document.hidden || this.patterns.held);
  }

  /** Say what is the matter where there is no question. */
  rest() {
    const place = byId("rest");
    place.hidden = this.teaching.question !== null;
    if (!place.hidden) {
      const [title, words] = this.teaching.exhausted
        ? ["Nothing more to ask", "All your answers are kept. Stop the server with Ctrl-C in its terminal: it saves the model and says how to go on."]
        : ["One moment", this.teaching.trouble ? `The server says: ${this.teaching.trouble}` : "The next questions are on their way."];
      place.replaceChildren(element("strong", {}, title), words);
    }
  }

  connection() {
    const { state, length, words, refused } = this.outbox;
    const place = byId("connection");
    place.dataset.state = state;
    const waiting = length === 1 ? "1 change waits here" : `${length} changes wait here`;
    byId("connection-words").textContent = {
      saved: "Saved",
      sending: length > 1 ? `Saving ${length}` : "Saving",
      offline: `No connection: ${waiting}`,
      refused: `Not saved: ${refused.length}`,
    }[state];
    const notice = byId("notice");
    notice.hidden = !(words || refused.length || !this.keep.lasting);
    if (notice.hidden) return;
    const told = words || refused.at(-1)?.error || "This browser keeps nothing: leave the page only when all is saved.";
    const dismiss = refused.length && !words ? element("button", { class: "no" }, "All right") : null;
    dismiss?.addEventListener("click", () => {
      this.outbox.forget();
      this.outbox.run();
    });
    notice.replaceChildren(words ? `The server says: ${told}` : told, dismiss ?? "");
  }

  /** Ask how the session stands; at most every second and a half. */
  look(wait = LOOK, recall = false) {
    if (this.looking !== null) return;
    this.looking = setTimeout(async () => {
      this.looking = null;
      const begun = performance.now();
      try {
        const { all, mine, history, agreement } = await this.server.post("standing", { annotator: this.annotator });
        progress(byId("progress"), all, mine, agreement, this.settings);
        if (recall) this.teaching.recall(history, begun);
        if (!this.stopped) await this.patterns.look();
      } catch {
        // The outbox and the queue tell of a lost connection.
      }
    }, wait);
  }

  hide() {
    this.pause();
    if (!document.hidden && !this.stopped) {
      this.outbox.run();
      this.teaching.fill(true);
    }
  }

  /** Another window has taken over. */
  stop() {
    if (this.stopped) return;
    this.stopped = this.outbox.stopped = this.teaching.stopped = true;
    this.card.show(null);
    this.patterns.stop();
    const again = element("button", { class: "yes" }, "Go on here");
    again.addEventListener("click", () => location.reload());
    byId("rest").hidden = false;
    byId("rest").replaceChildren(element("strong", {}, "This session goes on in another window"), again);
  }
}

function name(does, words, key) {
  const button = document.querySelector(`[data-does=${does}]`);
  button.querySelector(".does").textContent = words;
  button.querySelector("kbd").textContent = key;
}

function say(words) {
  byId("live").textContent = words;
}

let fading;
function toast(words) {
  const place = byId("toast");
  place.textContent = words;
  place.classList.add("shown");
  clearTimeout(fading);
  fading = setTimeout(() => place.classList.remove("shown"), 1_200);
}

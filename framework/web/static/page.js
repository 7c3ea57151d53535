// The page: connects the session, the card, the keys and the server.

import { Card } from "./card.js";
import { Keep } from "./keep.js";
import { listen } from "./keys.js";
import { Outbox } from "./outbox.js";
import { Patterns } from "./patterns.js";
import { showProgress } from "./progress.js";
import { soleWindow } from "./window.js";
import { listenForSwipes } from "./swipes.js";
import { Teaching } from "./teaching.js";
import { element } from "./text.js";

const byId = (id) => document.getElementById(id);
const REFRESH = 1_500;
const REFRESH_IDLE = 8_000; // the model is trained, and others answer, while nothing is sent from here

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
    this.refreshing = null;
    this.actions = {
      accept: () => this.answer("accept"),
      reject: () => this.answer("reject"),
      ignore: () => this.answer("ignore"),
      enter: () => this.teaching.question?.kind === "text" && this.answer("accept"),
      undo: () => this.undo(),
      flag: () => this.flag(),
      patterns: () => this.patterns.focus() || toast("No new patterns yet"),
      help: () => byId("help").showModal(),
    };
    this.teaching.addEventListener("next", () => this.show());
    this.teaching.addEventListener("filled", () => this.showStatus());
    this.outbox.addEventListener("changed", () => this.showConnection());
    this.outbox.addEventListener("sent", () => this.refresh());
    document.addEventListener("visibilitychange", () => this.hide());
    soleWindow(key, () => this.stop());
  }

  start() {
    listen(this.card, this.actions);
    listenForSwipes(byId("card"), () => this.teaching.question?.kind === "span", this.actions);
    for (const button of document.querySelectorAll("[data-does]")) {
      button.addEventListener("click", () => this.actions[button.dataset.does]());
    }
    this.show();
    this.showConnection();
    this.outbox.run();
    this.teaching.fill(true);
    this.refresh(0, true);
    setInterval(() => {
      if (document.hidden || this.stopped) return;
      this.refresh(0);
      this.teaching.refresh();
    }, REFRESH_IDLE);
  }

  answer(verdict) {
    if (this.stopped || this.teaching.question === null) return;
    const spans = verdict === "accept" ? this.card.spans : null;
    const { kind } = this.teaching.question;
    this.card.setDraft(this.teaching.question, spans);
    this.teaching.answer(verdict, spans);
    if (verdict !== "accept") toast(verdict === "ignore" ? "Ignored" : kind === "text" ? "Text rejected" : "Rejected");
  }

  undo() {
    if (this.stopped) return;
    const last = this.teaching.history.at(-1);
    if (last?.answer.spans) this.card.drafts.set(last.question.id, last.answer.spans);
    if (!this.teaching.undo()) {
      toast("Nothing to undo");
      return;
    }
    toast("Undone");
    this.showFlag();
  }

  flag() {
    if (this.teaching.question === null) return;
    this.teaching.flagged = !this.teaching.flagged;
    this.showFlag();
    say(this.teaching.flagged ? "Flagged" : "No longer flagged");
  }

  showFlag() {
    document.querySelector("[data-does=flag]").setAttribute("aria-pressed", String(this.teaching.flagged));
  }

  show() {
    const question = this.teaching.question;
    this.card.show(question);
    this.showFlag();
    this.showStatus();
    if (question === null) return;
    const text = question.kind === "text";
    setButton("accept", text ? "Right and complete" : "Accept", text ? "↵" : "A");
    setButton("reject", "Reject", "X");
    say(this.card.words);
    if (!this.patterns.held) this.focus();
  }

  /** Move the focus to the question. */
  focus() {
    (this.teaching.question?.kind === "text" ? byId("text") : byId("card")).focus({ preventScroll: true });
    if (this.patterns.held) document.activeElement.blur(); // there is no question
  }

  /** Stop the clock of the question in another tab, or while new patterns have the focus. */
  pause() {
    this.teaching.hide(document.hidden || this.patterns.held);
  }

  /** Say why there is no question. */
  showStatus() {
    const place = byId("rest");
    place.hidden = this.teaching.question !== null;
    if (!place.hidden) {
      const [title, words] = this.teaching.exhausted
        ? ["No more questions", "All your answers are saved. Stop the server with Ctrl-C in its terminal: it saves the model and says how to continue."]
        : ["One moment", this.teaching.trouble ? `The server says: ${this.teaching.trouble}` : "Loading the next questions."];
      place.replaceChildren(element("strong", {}, title), words);
    }
  }

  showConnection() {
    const { state, length, words, refused } = this.outbox;
    const place = byId("connection");
    place.dataset.state = state;
    const waiting = length === 1 ? "1 unsaved change" : `${length} unsaved changes`;
    byId("connection-words").textContent = {
      saved: "Saved",
      sending: length > 1 ? `Saving ${length}` : "Saving",
      offline: `No connection: ${waiting}`,
      refused: `Not saved: ${refused.length}`,
    }[state];
    const notice = byId("notice");
    notice.hidden = !(words || refused.length || !this.keep.lasting);
    if (notice.hidden) return;
    const message = words || refused.at(-1)?.error || "This browser stores nothing: do not leave the page before everything is saved.";
    const dismiss = refused.length && !words ? element("button", { class: "no" }, "OK") : null;
    dismiss?.addEventListener("click", () => {
      this.outbox.forgetRefused();
      this.outbox.run();
    });
    notice.replaceChildren(words ? `The server says: ${message}` : message, dismiss ?? "");
  }

  /** Refresh the progress; at most every 1.5 seconds. */
  refresh(wait = REFRESH, recall = false) {
    if (this.refreshing !== null) return;
    this.refreshing = setTimeout(async () => {
      this.refreshing = null;
      const started = performance.now();
      try {
        const { all, mine, history, agreement } = await this.server.post("progress", { annotator: this.annotator });
        showProgress(byId("progress"), all, mine, agreement, this.settings);
        if (recall) this.teaching.recall(history, started);
        if (!this.stopped) await this.patterns.refresh();
      } catch {
        // The outbox and the queue report a lost connection.
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
    const again = element("button", { class: "yes" }, "Continue here");
    again.addEventListener("click", () => location.reload());
    byId("rest").hidden = false;
    byId("rest").replaceChildren(element("strong", {}, "This session continues in another window"), again);
  }
}

function setButton(action, words, key) {
  const button = document.querySelector(`[data-does=${action}]`);
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

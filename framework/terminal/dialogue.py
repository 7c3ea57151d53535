"""``Dialogue``: a session by single keys, question by question."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from nerture.errors import DataError, NertureError
from nerture.sessions.answers.question import Answer, Question, Verdict
from nerture.sessions.live.protocol import Session
from nerture.terminal.keys import Keys
from nerture.terminal.mark_editing import HELP, Marks, edit_marks, suggested_marks
from nerture.terminal.pattern_list import NewPatterns
from nerture.terminal.show import KEYS, Show, format_agreement, format_forecast, format_progress
from nerture.terminal.text_format import harmless

VERDICTS: dict[str, Verdict] = {"accept": "accept", "reject": "reject", "ignore": "ignore"}
PROGRESS_EVERY = 10
"""Answers after which the progress is shown."""


@dataclass
class ShownQuestion:
    """The question on the screen, with its edits so far."""

    question: Question
    marks: Marks
    since: float
    flagged: bool = False

    @property
    def spans(self) -> Marks | None:
        """The edited spans, None if they are as suggested."""
        return self.marks if self.marks != suggested_marks(self.question) else None


class Dialogue:
    """Asks ``annotator`` the questions of ``session`` on ``console``, and reads the answers from ``keys``."""

    def __init__(self, session: Session, annotator: str, keys: Keys, console: Console) -> None:
        self.session = session
        self.annotator = annotator
        self.keys = keys
        self.console = console
        self.show = Show(session.labels, console.color_system is not None)
        self.patterns = NewPatterns(session, annotator, keys, self._say)
        self.answers = 0

    def run(self) -> int:
        """Ask until there are no more questions or the annotator ends; return the number of answers."""
        self._say(" ".join(f"{key}: {meaning}." for key, meaning in KEYS) if not self.keys.waits else "")
        shown = self._next()
        while shown is not None:
            self._present(shown)
            shown = self._act(shown)
        self.patterns.offer()
        self._show_progress()
        return self.answers

    def _next(self) -> ShownQuestion | None:
        questions = self.session.questions(self.annotator, 1)
        if not questions:
            self._say("No more questions.")
            return None
        return _show(questions[0])

    def _act(self, shown: ShownQuestion) -> ShownQuestion | None:
        """Act on keys until the question changes; return the next question, None at the end."""
        while True:
            action = self.keys.next()
            if action == "end":
                return None
            try:
                changed, following = self._do(shown, action)
            except (NertureError, OSError) as error:
                if not self.keys.waits:
                    raise
                self._say(f"{error}")
                continue
            if changed:
                return following

    def _do(self, shown: ShownQuestion, action: str) -> tuple[bool, ShownQuestion | None]:
        """Do one action; return whether the question changes, and the next one."""
        text = shown.question.kind == "text"
        verdict = VERDICTS.get("accept" if action == "enter" and text else action)
        if verdict is not None:
            self._answer(shown, verdict)
            return True, self._next()
        if action.isdecimal() and shown.question.mode == "retype":
            shown.marks = edit_marks(shown.question, shown.marks, f"{self._word_numbers(shown)} {action}")
            self._answer(shown, "accept")
            return True, self._next()
        if action == "undo":
            undone = self.session.undo(self.annotator)
            if undone is None:
                self._say("Nothing to undo.")
                return False, None
            self.answers -= 1
            return True, _show(undone)
        if action == "flag":
            shown.flagged = not shown.flagged
            self._say("Flagged." if shown.flagged else "No longer flagged.")
        elif action == "edit":
            self._edit(shown)
            self._present(shown)
        elif action == "patterns":
            started = time.monotonic()
            self.patterns.review()
            shown.since += time.monotonic() - started
            self._present(shown)
        elif action == "help":
            for key, meaning in KEYS:
                self._say(f"  {key:14}{meaning}")
        return False, None

    def _answer(self, shown: ShownQuestion, verdict: Verdict) -> None:
        self.session.answer(
            Answer(
                id=secrets.token_hex(16),
                question=shown.question.id,
                verdict=verdict,
                annotator=self.annotator,
                spans=shown.spans if verdict == "accept" else None,
                seconds=round(time.monotonic() - shown.since, 3),
                time=time.time(),
                flagged=shown.flagged,
            )
        )
        self.answers += 1
        if self.keys.waits and self.answers % PROGRESS_EVERY == 0:
            self._show_progress()
            self.patterns.remind()

    def _edit(self, shown: ShownQuestion) -> None:
        if self.keys.waits:
            self.console.print(self.show.format_words(shown.question))
            self._say(HELP)
        line = self.keys.read_line("edit> ")
        shown.marks = edit_marks(shown.question, shown.marks, line)

    def _word_numbers(self, shown: ShownQuestion) -> str:
        """Return the numbers of the words that the span covers, as ``edit_marks`` takes them."""
        start, end, _ = shown.marks[0]
        words = [
            number
            for number, (first, last) in enumerate(shown.question.tokens, 1)
            if first >= start and last <= end
        ]
        if not words:
            raise DataError("the span covers no whole word")
        return f"{words[0]}-{words[-1]}"

    def _present(self, shown: ShownQuestion) -> None:
        self.console.print()
        self.console.print(self.show.format_question(shown.question, shown.marks))
        self.console.print(self.show.format_text(shown.question, shown.marks))
        if shown.question.meta:
            self.console.print(self.show.format_meta(shown.question))
        if self.keys.waits:
            keys = "a accept  x reject  space ignore  m edit  f flag  ⌫ undo  ? help  q end"
            self.console.print(Text(keys, "dim"))

    def _show_progress(self) -> None:
        """Show the progress, the F1 expected of the model, and the agreement of annotators."""
        progress, agreement = self.session.progress(self.annotator), self.session.agreement()
        self._say(format_progress(progress))
        self._say(format_forecast(progress))
        self._say(format_agreement(agreement) if agreement is not None else "")

    def _say(self, words: str) -> None:
        if words:
            self.console.print(Text(harmless(words)))


def _show(question: Question) -> ShownQuestion:
    return ShownQuestion(question, suggested_marks(question), time.monotonic())

"""``Dialogue``: a session by single keys, question after question."""

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
from nerture.terminal.mark_editing import HELP, Marks, mend, offered
from nerture.terminal.pattern_list import NewPatterns
from nerture.terminal.show import KEYS, Show, agreed, foretold, stood
from nerture.terminal.text_format import harmless

VERDICTS: dict[str, Verdict] = {"accept": "accept", "reject": "reject", "ignore": "ignore"}
EVERY = 10
"""After so many answers the standing is told."""


@dataclass
class Shown:
    """The question on the screen, and what was done with it so far."""

    question: Question
    marks: Marks
    since: float
    flagged: bool = False

    @property
    def spans(self) -> Marks | None:
        """The mended marks; None: they are as offered."""
        return self.marks if self.marks != offered(self.question) else None


class Dialogue:
    """Asks ``annotator`` the questions of ``session`` on ``console``, and takes the answers from ``keys``."""

    def __init__(self, session: Session, annotator: str, keys: Keys, console: Console) -> None:
        self.session = session
        self.annotator = annotator
        self.keys = keys
        self.console = console
        self.show = Show(session.labels, console.color_system is not None)
        self.patterns = NewPatterns(session, annotator, keys, self._say)
        self.answers = 0

    def run(self) -> int:
        """Ask until nothing is left or the annotator ends it; return how many answers were given."""
        self._say(" ".join(f"{key}: {meaning}." for key, meaning in KEYS) if not self.keys.waits else "")
        shown = self._next()
        while shown is not None:
            self._present(shown)
            shown = self._act(shown)
        self.patterns.offer()
        self._tell()
        return self.answers

    def _next(self) -> Shown | None:
        questions = self.session.questions(self.annotator, 1)
        if not questions:
            self._say("Nothing more to ask.")
            return None
        return _shown(questions[0])

    def _act(self, shown: Shown) -> Shown | None:
        """Do what the next keys say, until a question is answered or taken back; None: the end."""
        while True:
            does = self.keys.next()
            if does == "end":
                return None
            try:
                done, after = self._do(shown, does)
            except (NertureError, OSError) as error:
                if not self.keys.waits:
                    raise
                self._say(f"{error}")
                continue
            if done:
                return after

    def _do(self, shown: Shown, does: str) -> tuple[bool, Shown | None]:
        """Do one thing; return whether another question is to be shown, and which."""
        text = shown.question.kind == "text"
        verdict = VERDICTS.get("accept" if does == "enter" and text else does)
        if verdict is not None:
            self._answer(shown, verdict)
            return True, self._next()
        if does.isdecimal() and shown.question.mode == "retype":
            shown.marks = mend(shown.question, shown.marks, f"{self._word(shown)} {does}")
            self._answer(shown, "accept")
            return True, self._next()
        if does == "undo":
            taken = self.session.undo(self.annotator)
            if taken is None:
                self._say("Nothing to take back.")
                return False, None
            self.answers -= 1
            return True, _shown(taken)
        if does == "flag":
            shown.flagged = not shown.flagged
            self._say("Flagged." if shown.flagged else "No longer flagged.")
        elif does == "mend":
            self._mend(shown)
            self._present(shown)
        elif does == "patterns":
            began = time.monotonic()
            self.patterns.talk()
            shown.since += time.monotonic() - began
            self._present(shown)
        elif does == "help":
            for key, meaning in KEYS:
                self._say(f"  {key:14}{meaning}")
        return False, None

    def _answer(self, shown: Shown, verdict: Verdict) -> None:
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
        if self.keys.waits and self.answers % EVERY == 0:
            self._tell()
            self.patterns.remind()

    def _mend(self, shown: Shown) -> None:
        if self.keys.waits:
            self.console.print(self.show.numbered(shown.question))
            self._say(HELP)
        line = self.keys.line("mend> ")
        shown.marks = mend(shown.question, shown.marks, line)

    def _word(self, shown: Shown) -> str:
        """Return the numbers of the words that the mark covers, as ``mend`` takes them."""
        start, end, _ = shown.marks[0]
        words = [
            number
            for number, (first, last) in enumerate(shown.question.tokens, 1)
            if first >= start and last <= end
        ]
        if not words:
            raise DataError("the mark covers no whole word")
        return f"{words[0]}-{words[-1]}"

    def _present(self, shown: Shown) -> None:
        self.console.print()
        self.console.print(self.show.asked(shown.question, shown.marks))
        self.console.print(self.show.text(shown.question, shown.marks))
        if shown.question.meta:
            self.console.print(self.show.meta(shown.question))
        if self.keys.waits:
            keys = "a accept  x reject  space ignore  m mend  f flag  ⌫ undo  ? keys  q end"
            self.console.print(Text(keys, "dim"))

    def _tell(self) -> None:
        """Tell how the session stands, what is expected of its model, and how far annotators agree."""
        standing, agreement = self.session.standing(self.annotator), self.session.agreement()
        self._say(stood(standing))
        self._say(foretold(standing))
        self._say(agreed(agreement) if agreement is not None else "")

    def _say(self, words: str) -> None:
        if words:
            self.console.print(Text(harmless(words)))


def _shown(question: Question) -> Shown:
    return Shown(question, offered(question), time.monotonic())

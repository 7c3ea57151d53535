"""Suggested patterns in a terminal: a numbered list, judged by the numbers."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Sequence

from nerture.errors import DataError, NertureError
from nerture.sessions.live.protocol import Session
from nerture.sessions.patterns.pattern_suggestions import NewPattern, PatternSuggestion
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict
from nerture.terminal.keys import Keys
from nerture.terminal.text_format import plural

MAX_SHOWN, MAX_JUDGED_SHOWN = 9, 5
"""How many suggestions are shown at once, and how many of those that were judged last."""
JUDGED = re.compile(r"(?P<reject>-)?\s*(?P<first>\d+)(?:\s*-\s*(?P<last>\d+))?")
HELP = "1, 3 accepts the first and the third, -2 rejects the second, Enter goes on"
SIGNS = {"accept": "accepted", "reject": "rejected"}


class NewPatterns:
    """Lists the suggestions to a person, and takes what they say by ``keys``; ``say`` writes a line."""

    def __init__(self, session: Session, annotator: str, keys: Keys, say: Callable[[str], None]) -> None:
        self.session, self.annotator, self.keys, self.say = session, annotator, keys, say

    @property
    def told(self) -> str:
        """How many are suggested, in words; nothing: there are none."""
        count = len(self.session.suggestions(MAX_SHOWN + 1))
        number = f"more than {MAX_SHOWN} new patterns" if count > MAX_SHOWN else plural(count, "new pattern")
        return f"Your answers suggest {number}" if count else ""

    def remind(self) -> None:
        """Say that there are some, if there are."""
        if told := self.told:
            self.say(f"{told}: the key p shows them")

    def offer(self) -> None:
        """Offer at the end what is suggested; where nobody is there, say it alone."""
        try:
            if not self.keys.waits:
                self.remind()
            elif told := self.told:
                self.say(f"\n{told}; what you accept goes to a pattern file.")
                self.talk()
        except (NertureError, OSError) as error:
            self.say(f"{error}")  # what was answered is safe, and is still to be told of

    def talk(self) -> None:
        """Show what is suggested and what was judged; judge until a line says nothing, or none is left."""
        patterns = PatternList(self.session, self.annotator)
        if not patterns.lines:
            self.say("No new patterns are suggested: they come from what is accepted twice at least.")
        while patterns.lines:
            for line in patterns.lines:
                self.say(line)
            if self.keys.waits:
                self.say(HELP)
            said = self.keys.line("patterns> ")
            if not said:
                return
            try:
                patterns.judge(said)
            except DataError as error:
                if not self.keys.waits:
                    raise
                self.say(f"{error}")
            patterns = PatternList(self.session, self.annotator)
            if not patterns.suggested:
                return


class PatternList:
    """What is suggested and what was judged last, as it is numbered on the screen."""

    def __init__(self, session: Session, annotator: str) -> None:
        self.session, self.annotator = session, annotator
        self.suggested = session.suggestions(MAX_SHOWN)
        self.judged = list(reversed(session.judged()[-MAX_JUDGED_SHOWN:]))

    @property
    def lines(self) -> list[str]:
        """What is shown: the suggestions with what speaks for them, and what may still be changed."""
        found = [f"{_row(offer)}   {spoken(offer)}" for offer in self.suggested]
        found += [f"{_row(pattern)}   {SIGNS[judgement.verdict]}" for pattern, judgement in self.judged]
        return [f"  {number} {line}" for number, line in enumerate(found, 1)]

    def judge(self, line: str) -> None:
        """Judge as a line says. Raises ``DataError``, and judges nothing, for a line with a mistake."""
        patterns: Sequence[NewPattern] = [*self.suggested, *(pattern for pattern, _ in self.judged)]
        verdicts: dict[int, bool] = {}
        for piece in filter(None, (piece.strip() for piece in re.split("[,;]", line))):
            said = JUDGED.fullmatch(piece)
            if said is None:
                raise DataError(f"found {piece!r}; {HELP}")
            first, last = int(said["first"]), int(said["last"] or said["first"])
            if not 1 <= first <= last <= len(patterns):
                raise DataError(f"found {piece!r}; there are patterns 1 to {len(patterns)}")
            verdicts |= dict.fromkeys(range(first, last + 1), said["reject"] is None)
        for number, accepted in verdicts.items():
            self.session.judge(
                PatternVerdict(
                    secrets.token_hex(16), patterns[number - 1].id,
                    "accept" if accepted else "reject", self.annotator, time.time(),
                )
            )  # fmt: skip


def spoken(offer: PatternSuggestion) -> str:
    """Return what speaks for a suggestion."""
    wrong = f", wrong {_times(offer.rejected)}" if offer.rejected else ""
    more = f"found {_times(offer.elsewhere)} more" if offer.elsewhere else "found nowhere else"
    return f"accepted {_times(offer.accepted)}{wrong}, {more}"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _row(pattern: NewPattern) -> str:
    return f"{' '.join(pattern.words)}  {pattern.label}"

"""Suggested patterns in a terminal: a numbered list, accepted and rejected by number."""

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

MAX_SHOWN, MAX_VERDICTS_SHOWN = 9, 5
"""How many suggestions are shown at once, and how many of the latest verdicts."""
VERDICT = re.compile(r"(?P<reject>-)?\s*(?P<first>\d+)(?:\s*-\s*(?P<last>\d+))?")
HELP = "1, 3 accepts the first and the third, -2 rejects the second, Enter continues"
SIGNS = {"accept": "accepted", "reject": "rejected"}


class NewPatterns:
    """Lists the suggestions, and reads verdicts from ``keys``; ``say`` prints a line."""

    def __init__(self, session: Session, annotator: str, keys: Keys, say: Callable[[str], None]) -> None:
        self.session, self.annotator, self.keys, self.say = session, annotator, keys, say

    @property
    def summary(self) -> str:
        """The number of suggestions in words; empty if there are none."""
        count = len(self.session.suggestions(MAX_SHOWN + 1))
        number = f"more than {MAX_SHOWN} new patterns" if count > MAX_SHOWN else plural(count, "new pattern")
        return f"Your answers suggest {number}" if count else ""

    def remind(self) -> None:
        """Mention the suggestions, if there are any."""
        if summary := self.summary:
            self.say(f"{summary}: press p to see them")

    def offer(self) -> None:
        """Show the suggestions at the end, or just mention them if nobody is there."""
        try:
            if not self.keys.waits:
                self.remind()
            elif summary := self.summary:
                self.say(f"\n{summary}; accepted patterns are written to a pattern file.")
                self.review()
        except (NertureError, OSError) as error:
            self.say(f"{error}")  # the answers are saved, and are still to be summarized

    def review(self) -> None:
        """Show suggestions and verdicts; read verdicts until an empty line, or until none is left."""
        patterns = PatternList(self.session, self.annotator)
        if not patterns.lines:
            self.say("No new patterns yet: they are suggested for words accepted at least twice.")
        while patterns.lines:
            for line in patterns.lines:
                self.say(line)
            if self.keys.waits:
                self.say(HELP)
            line = self.keys.read_line("patterns> ")
            if not line:
                return
            try:
                patterns.save_verdicts(line)
            except DataError as error:
                if not self.keys.waits:
                    raise
                self.say(f"{error}")
            patterns = PatternList(self.session, self.annotator)
            if not patterns.suggested:
                return


class PatternList:
    """The suggestions and the latest verdicts, as they are numbered on the screen."""

    def __init__(self, session: Session, annotator: str) -> None:
        self.session, self.annotator = session, annotator
        self.suggested = session.suggestions(MAX_SHOWN)
        self.verdicts = list(reversed(session.judged_patterns()[-MAX_VERDICTS_SHOWN:]))

    @property
    def lines(self) -> list[str]:
        """The lines to show: the suggestions with their evidence, and the verdicts that can be changed."""
        lines = [f"{_format_pattern(offer)}   {format_evidence(offer)}" for offer in self.suggested]
        lines += [f"{_format_pattern(pattern)}   {SIGNS[made.verdict]}" for pattern, made in self.verdicts]
        return [f"  {number} {line}" for number, line in enumerate(lines, 1)]

    def save_verdicts(self, line: str) -> None:
        """Save the verdicts of a line. Raises ``DataError``, and saves none, for a line with a mistake."""
        patterns: Sequence[NewPattern] = [*self.suggested, *(pattern for pattern, _ in self.verdicts)]
        verdicts: dict[int, bool] = {}
        for piece in filter(None, (piece.strip() for piece in re.split("[,;]", line))):
            parsed = VERDICT.fullmatch(piece)
            if parsed is None:
                raise DataError(f"expected numbers of patterns, got {piece!r}; {HELP}")
            first, last = int(parsed["first"]), int(parsed["last"] or parsed["first"])
            if not 1 <= first <= last <= len(patterns):
                raise DataError(f"expected patterns 1 to {len(patterns)}, got {piece!r}")
            verdicts |= dict.fromkeys(range(first, last + 1), parsed["reject"] is None)
        for number, accepted in verdicts.items():
            self.session.judge_pattern(
                PatternVerdict(
                    secrets.token_hex(16), patterns[number - 1].id,
                    "accept" if accepted else "reject", self.annotator, time.time(),
                )
            )  # fmt: skip


def format_evidence(offer: PatternSuggestion) -> str:
    """Return the evidence for a suggestion in words."""
    wrong = f", wrong {_format_times(offer.rejected)}" if offer.rejected else ""
    more = f"found {_format_times(offer.elsewhere)} more" if offer.elsewhere else "found nowhere else"
    return f"accepted {_format_times(offer.accepted)}{wrong}, {more}"


def _format_times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _format_pattern(pattern: NewPattern) -> str:
    return f"{' '.join(pattern.words)}  {pattern.label}"

"""Suggested patterns in a terminal: a numbered list, judged by the numbers."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Sequence

from nerture.cli.output import plural
from nerture.errors import DataError
from nerture.sessions.judgements import Judgement
from nerture.sessions.protocol import Session
from nerture.sessions.suggestions import NewPattern, Suggestion

MOST, LATEST = 9, 5
"""How many suggestions are shown at once, and how many of those that were judged last."""
JUDGED = re.compile(r"(?P<reject>-)?\s*(?P<first>\d+)(?:\s*-\s*(?P<last>\d+))?")
HELP = "2 accepts the second, -2 rejects it, 1-3 accepts three; several apart by commas; nothing: go on"
SIGNS = {"accept": "accepted", "reject": "rejected"}


class PatternList:
    """What is suggested and what was judged last, as it is numbered on the screen."""

    def __init__(self, session: Session, annotator: str) -> None:
        self.session, self.annotator = session, annotator
        self.suggested = session.suggestions(MOST)
        self.judged = list(reversed(session.judged()[-LATEST:]))

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
                Judgement(
                    secrets.token_hex(16), patterns[number - 1].id,
                    "accept" if accepted else "reject", self.annotator, time.time(),
                )
            )  # fmt: skip


def spoken(offer: Suggestion) -> str:
    """Return what speaks for a suggestion."""
    said = f"accepted {plural(offer.accepted, 'time')}"
    if offer.rejected:
        said += f", wrong {plural(offer.rejected, 'time')}"
    return f"{said}, {offer.elsewhere:,} more in texts not asked about"


def _row(pattern: NewPattern) -> str:
    return f"{' '.join(pattern.words)}  {pattern.label}"

"""``AnswerSpeed``: how long answers take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

SPAN_SECONDS = 2.5
TEXT_SECONDS, WORD_SECONDS, EDIT_SECONDS = 1.5, 0.17, 3.0
"""Taken for granted until answers tell: a look, each word read, each span added, removed or changed."""
PRIOR_ANSWERS = 20.0
SLOWEST = 5.0  # times what was expected: whoever takes longer did something else


@dataclass(frozen=True, slots=True)
class AnswerSpeed:
    """Seconds that answers are expected to take; ``span`` and ``text`` are the annotator's own factors."""

    span: float = 1.0
    text: float = 1.0

    def of_span(self) -> float:
        """Return the seconds for one span to be accepted or rejected."""
        return self.span * SPAN_SECONDS

    def of_text(self, words: int, edits: float) -> float:
        """Return the seconds for a text of so many words, of which so many spans are mended."""
        return self.text * text_seconds(words, edits)


def text_seconds(words: int, edits: float) -> float:
    """Return the seconds that a text question takes as a rule."""
    return TEXT_SECONDS + WORD_SECONDS * words + EDIT_SECONDS * edits


def measured(spans: Iterable[float], texts: Iterable[float]) -> AnswerSpeed:
    """Return the pace of an annotator from seconds taken divided by seconds expected, of either kind.

    The median counts, so that a telephone call does not; it is drawn towards 1 while answers are few.
    """
    return AnswerSpeed(_factor(list(spans)), _factor(list(texts)))


def _factor(ratios: list[float]) -> float:
    usable = [ratio for ratio in ratios if 0 < ratio <= SLOWEST]
    if not usable:
        return 1.0
    return (len(usable) * median(usable) + PRIOR_ANSWERS) / (len(usable) + PRIOR_ANSWERS)

"""``AnswerSpeed``: how long answers take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

SPAN_SECONDS = 2.5
TEXT_SECONDS, WORD_SECONDS, EDIT_SECONDS = 1.5, 0.17, 3.0
"""Assumed until there are answers: a look, each word read, each span added, removed or changed."""
PRIOR_ANSWERS = 20.0
MAX_RATIO = 5.0  # times the expected seconds; longer times are excluded as interruptions


@dataclass(frozen=True, slots=True)
class AnswerSpeed:
    """Expected seconds for an answer; ``span`` and ``text`` are the annotator's factors for each kind."""

    span: float = 1.0
    text: float = 1.0

    def seconds_for_span(self) -> float:
        """Return the expected seconds to accept or reject one span."""
        return self.span * SPAN_SECONDS

    def seconds_for_text(self, words: int, edits: float) -> float:
        """Return the expected seconds for a text of ``words`` words in which ``edits`` spans are edited."""
        return self.text * text_seconds(words, edits)


def text_seconds(words: int, edits: float) -> float:
    """Return the seconds that a text question takes an average annotator."""
    return TEXT_SECONDS + WORD_SECONDS * words + EDIT_SECONDS * edits


def measure_speed(spans: Iterable[float], texts: Iterable[float]) -> AnswerSpeed:
    """Estimate the speed from ratios of actual to expected seconds, for each kind of question.

    The factor is the median, which ignores interruptions, shrunk towards 1 while answers are few.
    """
    return AnswerSpeed(_shrink_median(list(spans)), _shrink_median(list(texts)))


def _shrink_median(ratios: list[float]) -> float:
    usable = [ratio for ratio in ratios if 0 < ratio <= MAX_RATIO]
    if not usable:
        return 1.0
    return (len(usable) * median(usable) + PRIOR_ANSWERS) / (len(usable) + PRIOR_ANSWERS)

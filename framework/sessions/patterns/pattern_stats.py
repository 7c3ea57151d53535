"""``PatternStats``: how the hits of each pattern have fared in the answers that stand."""

from __future__ import annotations

from collections import Counter

from nerture.core.annotations.pattern_stats import PatternCounts
from nerture.sessions.answers.answer_targets import said_spans
from nerture.sessions.answers.question import Answer, Question

PRIOR, PRIOR_ANSWERS = 0.8, 4.0
"""A pattern that nobody has answered about is right with 0.8, which weighs as much as four answers."""


class PatternStats:
    """Counts of accepted and rejected hits by pattern; reliability is the mean of a Beta posterior.

    Whoever mends a text without touching a hit has accepted it; whoever removes it, or moves its bounds, has
    rejected it.
    """

    def __init__(self) -> None:
        self._accepted: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()

    def change(self, question: Question, answer: Answer, came: bool) -> None:
        """Count an answer that came, or take back one that went."""
        if answer.verdict == "ignore" or (question.kind == "text" and answer.verdict == "reject"):
            return
        said = set(said_spans(question, answer)) if answer.verdict == "accept" else set()
        for span in question.spans:
            if span.pattern is not None:
                right = (span.start_char, span.end_char, span.label) in said
                (self._accepted if right else self._rejected)[span.pattern] += 1 if came else -1

    def counts(self, pattern: str) -> tuple[int, int]:
        """Return how many hits of a pattern were accepted and rejected."""
        return self._accepted[pattern], self._rejected[pattern]

    def reliability(self, pattern: str) -> float:
        """Return how probable it is that the pattern's next hit is right."""
        return PatternCounts(*self.counts(pattern)).reliability(PRIOR, PRIOR_ANSWERS)

    def reliabilities(self) -> dict[str, float]:
        """Return the reliability of every pattern that was answered about."""
        asked = {*(+self._accepted), *(+self._rejected)}
        return {pattern: self.reliability(pattern) for pattern in sorted(asked)}

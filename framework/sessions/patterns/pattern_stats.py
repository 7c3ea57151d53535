"""``PatternStats``: accepted and rejected hits of each pattern in the current answers."""

from __future__ import annotations

from collections import Counter

from nerture.core.annotations.pattern_stats import PatternCounts
from nerture.sessions.answers.answer_targets import answer_spans
from nerture.sessions.answers.question import Answer, Question

PRIOR, PRIOR_ANSWERS = 0.8, 4.0
"""Prior reliability of a pattern, and its weight in answers."""


class PatternStats:
    """Counts of accepted and rejected hits by pattern; reliability is the mean of a Beta posterior.

    Editing a text without changing a hit accepts the hit; removing it or moving its bounds rejects it.
    """

    def __init__(self) -> None:
        self._accepted: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()

    def change(self, question: Question, answer: Answer, is_new: bool) -> None:
        """Count a new answer, or remove an undone one."""
        if answer.verdict == "ignore" or (question.kind == "text" and answer.verdict == "reject"):
            return
        accepted = set(answer_spans(question, answer)) if answer.verdict == "accept" else set()
        for span in question.spans:
            if span.pattern is not None:
                right = (span.start_char, span.end_char, span.label) in accepted
                (self._accepted if right else self._rejected)[span.pattern] += 1 if is_new else -1

    def counts(self, pattern: str) -> tuple[int, int]:
        """Return how many hits of a pattern were accepted and how many rejected."""
        return self._accepted[pattern], self._rejected[pattern]

    def reliability(self, pattern: str) -> float:
        """Return the probability that the pattern's next hit is right."""
        return PatternCounts(*self.counts(pattern)).reliability(PRIOR, PRIOR_ANSWERS)

    def reliabilities(self) -> dict[str, float]:
        """Return the reliability of each pattern with answered hits."""
        answered = {*(+self._accepted), *(+self._rejected)}
        return {pattern: self.reliability(pattern) for pattern in sorted(answered)}

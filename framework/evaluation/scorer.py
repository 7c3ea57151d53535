"""Exact-span scoring: precision, recall and F1, over all labels and for each, and reliability."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from nerture.core.targets.target import Target
from nerture.core.text.doc import Span
from nerture.evaluation.reliability import Reliability

MEASURES = ("ece", "brier", "reliability")
"""The keys of measures of probabilities."""


@dataclass(slots=True)
class Counts:
    """How many spans were right, predicted and known."""

    right: int = 0
    predicted: int = 0
    known: int = 0

    @property
    def precision(self) -> float:
        """Share of the predicted spans that are right; 0 if nothing was predicted."""
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """Share of the known spans that were predicted; 0 if nothing is known."""
        return self.right / self.known if self.known else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        return compute_f1(self.right, self.predicted, self.known)


def compute_f1(right: float, predicted: float, known: float) -> float:
    """Return the F1 of these counts, which may be expected values; 0 if all are 0."""
    total = predicted + known
    return 2 * right / total if total else 0.0


@dataclass(slots=True)
class Report:
    """The result of an evaluation; shares lie between 0 and 1.

    ``reliability`` compares the predicted spans' scores with what is right; it is None if no predicted span
    counts, or one has no score (as hits of rules).
    """

    total: Counts = field(default_factory=Counts)
    per_label: dict[str, Counts] = field(default_factory=dict)
    texts: int = 0
    words: int = 0
    seconds: float = 0.0
    reliability: Reliability | None = None

    @property
    def f1(self) -> float:
        """F1 over all labels (micro average)."""
        return self.total.f1

    def as_dict(self) -> dict[str, Any]:
        """Return the report as ``--json`` prints it."""
        per_label = {
            label: {
                "precision": counts.precision,
                "recall": counts.recall,
                "f1": counts.f1,
                "support": counts.known,
            }
            for label, counts in sorted(self.per_label.items())
        }
        known = self.reliability
        return {
            "precision": self.total.precision,
            "recall": self.total.recall,
            "f1": self.total.f1,
            "per_label": per_label,
            **(known.as_dict() if known else dict.fromkeys(MEASURES)),
            "texts": self.texts,
            "words": self.words,
            "words_per_second": self.words / self.seconds if self.seconds else 0.0,
        }


def score(
    targets: Sequence[Target],
    predictions: Iterable[Sequence[Span]],
    labels: Sequence[str],
    seconds: float = 0.0,
) -> Report:
    """Compare predictions with what is known; a span is right if its bounds and its label are.

    If a target is not complete for a label, predicted spans of that label count only if they are known to be
    right or wrong: known spans, rejected ones, those that overlap a known span, and those over tokens known
    to be outside of entities.
    """
    report = Report(per_label={label: Counts() for label in labels}, texts=len(targets), seconds=seconds)
    scores: list[float | None] = []
    answers: list[bool] = []
    for target, spans in zip(targets, predictions, strict=True):
        report.words += len(target.doc)
        for span in set(target.spans):
            report.total.known += 1
            report.per_label.setdefault(span.label, Counts()).known += 1
        for span, right in judge_spans(target, spans):
            counts = report.per_label.setdefault(span.label, Counts())
            report.total.predicted += 1
            counts.predicted += 1
            report.total.right += right
            counts.right += right
            scores.append(span.score)
            answers.append(right)
    probabilities = [score for score in scores if score is not None]
    if answers and len(probabilities) == len(answers):
        report.reliability = Reliability(probabilities, answers)
    return report


def judge_spans(target: Target, spans: Iterable[Span]) -> Iterator[tuple[Span, bool]]:
    """Yield the spans that the target knows to be right or wrong, and whether they are right."""
    known = set(target.spans)
    for span in spans:
        if span in known:
            yield span, True
        elif _is_known_wrong(span, target):
            yield span, False


def _is_known_wrong(span: Span, target: Target) -> bool:
    return (
        target.is_complete_for(span.label)
        or span in target.rejected
        or any(span.overlaps(other) for other in target.spans)
        or any(span.start <= token < span.end for token in target.outside)
    )

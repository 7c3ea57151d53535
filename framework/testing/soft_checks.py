"""The part of the contract check of sources for soft knowledge: beliefs and teachers."""

from __future__ import annotations

from collections.abc import Sequence

from nerture.core.targets.span_mixtures import coverage
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Target


def check_soft(target: Target, labels: Sequence[str], about: str) -> None:
    """Check that a target's beliefs and teacher fit its text, and that their probabilities are valid.

    Every message begins with ``about``.
    """
    for belief in target.beliefs:
        span = belief.span
        assert span.label in labels, f"{about} believes {span}, expected a label of {tuple(labels)}"
        inside = 0 <= span.start < span.end <= len(target.doc)
        assert inside, (
            f"{about} believes {span!r}, which is not within the {len(target.doc)} tokens of its text"
        )
        assert 0 <= belief.probability <= 1, (
            f"{about} believes {span}: expected a probability from 0 to 1, got {belief.probability}"
        )
    if target.teacher is not None:
        _check_teacher(target.teacher, len(target.doc), labels, f"{about}: its teacher")


def _check_teacher(teacher: SpanProbabilities, length: int, labels: Sequence[str], about: str) -> None:
    extra = sorted(set(teacher.labels) - set(labels))
    assert not extra, f"{about} has labels that the pipeline does not have: {extra}"
    count = len(teacher.spans)
    for name, array, expected in (
        ("spans", teacher.spans, f"int32 {(count, 3)}"),
        ("probabilities", teacher.probabilities, f"float32 {(count,)}"),
    ):
        form = f"{array.dtype} {array.shape}"
        assert form == expected, f"{about}: {name}: expected {expected}, got {form}"
    start, end, label = teacher.spans.T
    inside = (start >= 0) & (start < end) & (end <= length) & (label >= 0) & (label < len(teacher.labels))
    assert inside.all(), (
        f"{about} has spans that are not within the {length} tokens of the text, or its labels"
    )
    p = teacher.probabilities
    assert ((p >= 0) & (p <= 1)).all(), f"{about} has probabilities that are not from 0 to 1"
    total = coverage(teacher.spans, p, length).max(initial=0)
    assert total <= 1 + 1e-3, (
        f"{about}: expected probabilities of at most 1 over each token, got a sum of {total:.3f}"
    )

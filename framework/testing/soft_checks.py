"""The part of the contract check of sources that looks at soft knowledge: beliefs, and what teachers hold."""

from __future__ import annotations

from collections.abc import Sequence

from nerture.core.targets.span_mixtures import coverage
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Target


def check_soft(target: Target, labels: Sequence[str], about: str) -> None:
    """Check that a target's beliefs and teacher fit its text, and that probabilities are some.

    ``about`` begins every message.
    """
    for belief in target.beliefs:
        span = belief.span
        assert span.label in labels, f"{about} believes {span}, whose label is not among {tuple(labels)}"
        inside = 0 <= span.start < span.end <= len(target.doc)
        assert inside, f"{about} believes {span!r}, which leaves the {len(target.doc)} tokens of its text"
        assert 0 <= belief.probability <= 1, f"{about} believes {span} with {belief.probability}"
    if target.teacher is not None:
        _check_teacher(target.teacher, len(target.doc), labels, f"{about}: its teacher")


def _check_teacher(found: SpanProbabilities, length: int, labels: Sequence[str], about: str) -> None:
    extra = sorted(set(found.labels) - set(labels))
    assert not extra, f"{about} speaks about {extra}, which are not labels of the pipeline"
    count = len(found.spans)
    for name, array, wanted in (
        ("spans", found.spans, f"int32 {(count, 3)}"),
        ("probabilities", found.probabilities, f"float32 {(count,)}"),
    ):
        form = f"{array.dtype} {array.shape}"
        assert form == wanted, f"{about}: expected {wanted}, got {name} of the form {form}"
    start, end, label = found.spans.T
    inside = (start >= 0) & (start < end) & (end <= length) & (label >= 0) & (label < len(found.labels))
    assert inside.all(), f"{about} has spans that leave the {length} tokens of the text, or its labels"
    share = found.probabilities
    assert ((share >= 0) & (share <= 1)).all(), f"{about} has probabilities that are not within 0 and 1"
    promised = coverage(found.spans, share, length).max(initial=0)
    assert promised <= 1 + 1e-3, (
        f"{about}: expected 1, got spans over one token whose probabilities sum to {promised:.3f}"
    )

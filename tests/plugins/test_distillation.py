"""The losses ``distill`` and ``rehearse``: their contract, their wiring, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nerture.core.lattice.distillation import cross_entropy, teacher_shares
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.errors import DataError, Origin
from nerture.interfaces import Doc, Target
from nerture.plugins import distillation
from nerture.testing import check_loss, make_part
from nerture.testing.samples import sample_scores, sample_targets

LABELS = ("A", "B")
WORDS = ["Aspirin", "and", "ibuprofen", "arrived", "on", "Monday"]


def taught(rows, labels=LABELS, length=6, **more):
    """A target that a teacher makes; rows are start, end, number of the label, probability."""
    spans = np.array([row[:3] for row in rows], np.int32).reshape(-1, 3)
    teacher = SpanProbabilities(labels, spans, np.array([row[3] for row in rows], np.float32))
    return Target(Doc.from_words(WORDS[:length]), complete=frozenset(), teacher=teacher, **more)


TARGETS = [
    taught([(0, 1, 0, 0.6), (0, 3, 1, 0.3), (2, 5, 0, 0.4), (4, 5, 1, 0.2)]),
    taught([], length=3),
    taught([], length=0),
    taught([(0, 2, 0, 0.9), (1, 3, 0, 0.1)], labels=("B",), length=3, weight=0.5),
    taught([(0, 6, 0, 0.5), (1, 5, 1, 0.5)], labels=("B", "A")),
    Target(Doc.from_words(WORDS)),
]


@pytest.mark.parametrize("name", ["distill", "rehearse"])
def test_they_keep_the_contract_of_losses(name):
    loss = make_part(distillation, "loss", name)
    check_loss(loss)
    check_loss(loss, targets=TARGETS, smooth=True)


def test_the_gradient_is_exact_in_double_precision():
    loss = make_part(distillation, "loss", "distill").inner
    scores = sample_scores(TARGETS, LABELS)
    scores = replace(scores, closed=scores.closed.astype(float), open=scores.open.astype(float))
    _, *gradients = loss(scores, TARGETS)
    for name, gradient in zip(("closed", "open"), gradients, strict=True):
        assert gradient.dtype == np.float64
        moved = getattr(scores, name)
        for place in np.ndindex(moved.shape):
            kept, values = moved[place], []
            for step in (1e-5, -1e-5):
                moved[place] = kept + step
                values.append(loss(scores, TARGETS)[0])
            moved[place] = kept
            assert gradient[place] == pytest.approx((values[0] - values[1]) / 2e-5, abs=1e-6)


def test_labels_are_matched_by_name():
    target = taught([(0, 2, 0, 0.9), (2, 3, 1, 0.4)], labels=("B", "A"))
    scores = sample_scores([target], LABELS)
    spans = np.array([(0, 2, 1), (2, 3, 0)], np.int32)
    shares = teacher_shares(spans, target.teacher.probabilities, 6, 4, 2)
    known = np.ones(2, np.uint8)
    wanted = cross_entropy(
        scores.closed, scores.open, *shares, known, 1.0, scores.closed.copy(), scores.open.copy()
    )
    assert make_part(distillation, "loss", "distill")(scores, [target])[0] == pytest.approx(wanted)


def test_only_teachers_have_a_loss():
    loss = make_part(distillation, "loss", "distill")
    hard = sample_targets(LABELS)
    value, d_closed, d_open = loss(sample_scores(hard, LABELS), hard)
    assert (value, d_closed.any(), d_open.any()) == (0, False, False)
    soft = TARGETS[0]
    both = replace(soft, spans=(soft.doc.span(3, 4, "A"),), complete=True)
    scores = sample_scores([soft], LABELS)
    assert loss(scores, [both])[0] == loss(scores, [soft])[0]


@pytest.mark.parametrize(
    ("target", "message"),
    [
        (taught([], labels=("A", "X")), "teacher: expected labels of A, B, got 'X'"),
        (taught([(5, 7, 0, 0.1)]), "expected spans within the 6 tokens of the text"),
        (taught([(3, 3, 0, 0.1)]), "expected spans within the 6 tokens"),
        (taught([(-1, 3, 0, 0.1)]), "expected spans within the 6 tokens"),
        (taught([(0, 1, 2, 0.1)]), "expected spans within the 6 tokens"),
        (taught([(0, 1, 0, 1.5)]), "expected one probability from 0 to 1 for each span"),
        (taught([(0, 1, 0, float("nan"))]), "expected one probability"),
    ],
)
def test_teachers_that_do_not_fit_are_refused_with_their_line(target, message):
    target = replace(target, origin=Origin("t.jsonl", 3))
    with pytest.raises(DataError, match=rf"^t\.jsonl:3: .*{message}"):
        make_part(distillation, "loss", "distill")(sample_scores([target], LABELS), [target])

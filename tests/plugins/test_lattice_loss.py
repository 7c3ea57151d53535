"""The loss ``lattice`` against brute force over all derivations, and its gradients."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nerture.core.lattice.scores import Scores
from nerture.core.targets.target import Belief, Target
from nerture.core.text.doc import Doc, Span
from nerture.errors import ConflictError, Origin
from nerture.plugins import lattice_loss, losses
from nerture.testing import check_loss, make_part

LABELS = ("A", "B")
DOC = Doc.from_words(["some", "words", "of", "a", "text"])


def span(start, end, label="A"):
    return Span(start, end, label, doc=DOC)


TARGETS = [
    Target(DOC, (span(0, 2), span(3, 4, "B"))),
    Target(DOC, (span(0, 2),), complete=frozenset({"A"})),
    Target(DOC, (span(1, 3),), complete=False, rejected=(span(3, 4, "B"),), outside=(4,), weight=0.3),
    Target(DOC, complete=False, not_together=((span(0, 1), span(2, 4, "B")),)),
    Target(DOC, complete=False, beliefs=(Belief(span(0, 2), 0.7), Belief(span(1, 2), 0.1))),
    Target(DOC, complete=False),
]


def lattice():
    return make_part(lattice_loss, "loss", "lattice")


def test_lattice_keeps_the_contract_and_its_gradient_is_right():
    check_loss(lattice(), labels=LABELS, smooth=True, targets=TARGETS)


def scores_of(targets, seed=1):
    lengths = [len(target.doc) for target in targets]
    bounds = np.cumsum([0, *lengths])
    rng = np.random.default_rng(seed)
    position = np.concatenate([np.arange(length) for length in lengths])
    exists = position[:, None] > np.arange(2)
    closed = rng.normal(0, 1, (bounds[-1], 5)).astype(np.float32)
    open_ = rng.normal(0, 1, (bounds[-1], 2, 4)).astype(np.float32)
    return Scores(closed, open_, exists, bounds, LABELS)


def test_with_complete_gold_it_is_teacher_forcing():
    target = TARGETS[0]
    scores = scores_of([target])
    forced = make_part(losses, "loss", "teacher_forcing")(scores, [target])
    exact = lattice()(scores, [target])
    assert exact[0] == pytest.approx(forced[0], rel=1e-6)
    np.testing.assert_allclose(exact[1], forced[1], atol=1e-6)
    np.testing.assert_allclose(exact[2], forced[2], atol=1e-6)


def test_a_text_without_annotations_has_no_loss():
    value, d_closed, d_open = lattice()(scores_of([TARGETS[-1]]), [TARGETS[-1]])
    assert value == 0
    assert not d_closed.any()
    assert not d_open.any()


def test_a_belief_costs_its_cross_entropy():
    believed = span(1, 3, "B")
    target = Target(DOC, complete=False, beliefs=(Belief(believed, 0.8),))
    scores = scores_of([target])
    there = -lattice()(scores, [Target(DOC, (believed,), complete=False)])[0]
    value, *_ = lattice()(scores, [target])
    assert value == pytest.approx(-0.8 * there - 0.2 * math.log(-math.expm1(there)))


def test_a_contradiction_names_both_sides_and_the_place():
    target = Target(DOC, (span(0, 2),), rejected=(span(0, 2),), origin=Origin("answers.jsonl", 7))
    message = r"answers.jsonl:7: A 'some words' \(characters 0 to 10\) is both accepted and rejected"
    for loss in (lattice(), make_part(losses, "loss", "oracle")):
        with pytest.raises(ConflictError, match=message):
            loss(scores_of([target]), [target])

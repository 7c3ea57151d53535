"""Teachers' shares and the cross-entropy with them, against sums over all derivations."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nerture.core.lattice.distillation import cross_entropy, teacher_shares
from nerture.core.lattice.forward_backward import log_probabilities, log_weights

from ...support.all_derivations import enumerate_all, shares

SHAPES = [(1, 1, 1), (1, 2, 2), (2, 1, 1), (2, 2, 2), (3, 3, 1), (3, 2, 2), (4, 3, 2), (5, 3, 1), (4, 6, 1)]


@pytest.fixture
def teacher(random_scores):
    """A random teacher: all derivations, and its spans with their probabilities."""

    def make(length, longest, labels, seed=7):
        found = enumerate_all(*random_scores(length, longest, labels, seed), range(labels))
        sums = {}
        for spans, weight, _ in found:
            for span in spans:
                sums[span] = sums.get(span, 0.0) + math.exp(weight)
        rows = np.array(list(sums), np.int32).reshape(-1, 3)
        return found, rows, np.array(list(sums.values()), np.float32)

    return make


def cross_entropy_of_all(teacher, student):
    """- sum of P(derivation) log p(derivation), derivation by derivation."""
    theirs = {frozenset(spans): weight for spans, weight, _ in student}
    return -math.fsum(math.exp(weight) * theirs[frozenset(spans)] for spans, weight, _ in teacher)


def distilled(closed, open_, rows, probabilities, known, weight=1.0):
    """The loss and its gradients for one text."""
    length, labels = len(closed), len(known)
    parts = teacher_shares(rows, probabilities, length, open_.shape[1] + 1, labels)
    d_closed, d_open = np.zeros_like(closed), np.zeros_like(open_)
    known = np.array(known, np.uint8)
    value = cross_entropy(closed, open_, *parts, known, weight, d_closed, d_open)
    return value, d_closed, d_open


@pytest.mark.parametrize(("length", "longest", "labels"), SHAPES)
def test_shares_are_how_often_the_teacher_takes_each_action(teacher, length, longest, labels):
    found, rows, probabilities = teacher(length, longest, labels)
    ours = teacher_shares(rows, probabilities, length, longest, labels)
    wanted = shares(found, 0.0, (length, 2 * labels + 1), (length, longest - 1, 2 * labels))
    np.testing.assert_allclose(ours[0], wanted[0], atol=1e-6)
    np.testing.assert_allclose(ours[1], wanted[1], atol=1e-6)


@pytest.mark.parametrize(("length", "longest", "labels"), SHAPES)
def test_it_is_the_cross_entropy_over_all_derivations(teacher, random_scores, length, longest, labels):
    found, rows, probabilities = teacher(length, longest, labels)
    closed, open_ = random_scores(length, longest, labels)
    wanted = cross_entropy_of_all(found, enumerate_all(closed, open_, range(labels)))
    assert distilled(closed, open_, rows, probabilities, [1] * labels)[0] == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize("known", [[0], [2], [0, 2], [1, 2]])
def test_labels_that_the_teacher_does_not_know_are_left_alone(teacher, random_scores, known):
    """It is as if the student had only the actions of the known labels."""
    found, rows, probabilities = teacher(4, 3, len(known))
    closed, open_ = random_scores(4, 3, 3)
    known = np.array(known, np.int32)
    student = enumerate_all(
        closed[:, [0, *(1 + known), *(4 + known)]], open_[:, :, [*known, *(3 + known)]], range(len(known))
    )
    ours = np.column_stack([rows[:, :2], known[rows[:, 2]]])
    mask = [int(label in known) for label in range(3)]
    value, d_closed, d_open = distilled(closed, open_, ours, probabilities, mask)
    assert value == pytest.approx(cross_entropy_of_all(found, student), rel=1e-5)
    for label in set(range(3)) - set(known.tolist()):
        assert not d_closed[:, [1 + label, 4 + label]].any()
        assert not d_open[:, :, [label, 3 + label]].any()


def test_spans_that_the_student_cannot_make_are_left_out(teacher, random_scores):
    found, rows, probabilities = teacher(5, 5, 2)
    closed, open_ = random_scores(5, 3, 2)
    outside, segments = log_weights(*log_probabilities(closed, open_))
    wanted = 0.0
    for spans, weight, _ in found:
        covered = {token for start, end, _ in spans for token in range(start, end)}
        steps = [outside[token] for token in set(range(5)) - covered]
        steps += [segments[start, end - start - 1, label] for start, end, label in spans if end - start <= 3]
        wanted -= math.exp(weight) * sum(steps)
    assert distilled(closed, open_, rows, probabilities, [1, 1])[0] == pytest.approx(wanted, rel=1e-5)


def test_a_teacher_of_shorter_entities_teaches_to_end_them(teacher, random_scores):
    found, rows, probabilities = teacher(5, 2, 2)
    closed, open_ = random_scores(5, 4, 2)
    wanted = cross_entropy_of_all(found, enumerate_all(closed, open_, range(2)))
    assert distilled(closed, open_, rows, probabilities, [1, 1])[0] == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(("length", "longest", "labels"), SHAPES)
@pytest.mark.parametrize("weight", [1.0, 0.3])
def test_its_gradient_is_exact(teacher, random_scores, slopes, length, longest, labels, weight):
    _, rows, probabilities = teacher(length, longest + 1, labels)
    closed, open_ = random_scores(length, longest, labels)
    known = [1] * (labels - 1) + [int(labels == 1)]  # of several labels, the last is none of the teacher's
    rows, probabilities = rows[rows[:, 2] < sum(known)], probabilities[rows[:, 2] < sum(known)]
    _, d_closed, d_open = distilled(closed, open_, rows, probabilities, known, weight)
    wanted = slopes(lambda *moved: distilled(*moved, rows, probabilities, known, weight)[0], closed, open_)
    np.testing.assert_allclose(d_closed, wanted[0], atol=1e-7)
    np.testing.assert_allclose(d_open, wanted[1], atol=1e-7)


def test_a_student_that_is_its_own_teacher_has_nothing_to_learn(teacher, random_scores):
    _, rows, probabilities = teacher(5, 3, 2, seed=3)
    _, d_closed, d_open = distilled(*random_scores(5, 3, 2, 3), rows, probabilities, [1, 1])
    np.testing.assert_allclose(d_closed, 0, atol=1e-6)
    np.testing.assert_allclose(d_open, 0, atol=1e-6)


def test_rows_of_one_span_add_up():
    closed, open_ = teacher_shares(
        np.array([[0, 2, 0], [0, 2, 0], [2, 3, 0]], np.int32), np.array([0.25, 0.5, 1], np.float32), 3, 2, 1
    )
    np.testing.assert_array_equal(closed, [[0.25, 0.75, 0], [0.25, 0, 0], [0, 0, 1]])
    np.testing.assert_array_equal(open_[:, 0], [[0, 0], [0, 0.75], [0, 0]])


def test_outside_gets_nothing_if_spans_sum_to_more_than_one():
    rows, probabilities = np.array([[0, 1, 0], [0, 2, 0]], np.int32), np.array([0.7, 0.6], np.float32)
    closed, _ = teacher_shares(rows, probabilities, 2, 2, 1)
    assert closed[:, 0].tolist() == [0, pytest.approx(0.4)]


def test_float32_and_extreme_scores():
    rows, probabilities = np.array([[0, 3, 0], [3, 4, 1]], np.int32), np.array([0.5, 1], np.float32)
    closed = np.float32(1e4) * np.random.default_rng(0).normal(size=(5, 5)).astype(np.float32)
    open_ = np.float32(1e4) * np.random.default_rng(1).normal(size=(5, 3, 4)).astype(np.float32)
    value, d_closed, d_open = distilled(closed, open_, rows, probabilities, [1, 1])
    assert np.isfinite(value)
    assert np.isfinite(d_closed).all()
    assert np.isfinite(d_open).all()
    assert value == pytest.approx(
        distilled(closed.astype(float), open_.astype(float), rows, probabilities, [1, 1])[0]
    )

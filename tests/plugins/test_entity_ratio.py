"""The loss ``entity_ratio``: its contract, the band, the weights of texts, its options."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nerture.core.lattice.expectation import expected_entity_tokens
from nerture.core.lattice.forward_backward import log_probabilities
from nerture.errors import ConfigError
from nerture.plugins import entity_ratio
from nerture.testing import check_loss, make_part
from nerture.testing.samples import sample_scores, sample_targets

LABELS = ("A", "B")
TARGETS = sample_targets(LABELS)


def made(ratio, margin, **more):
    return make_part(entity_ratio, "loss", "entity_ratio", {"ratio": ratio, "margin": margin, **more})


def share(scores, targets, labels=LABELS):
    """The expected share of entity tokens; a text of weight w counts as w texts."""
    counted = np.array([label in labels for label in scores.labels], np.uint8)
    tokens = [
        expected_entity_tokens(*log_probabilities(scores.closed[begin:end], scores.open[begin:end]), counted)[
            0
        ]
        for begin, end in zip(scores.bounds[:-1], scores.bounds[1:], strict=True)
    ]
    weights = [target.weight for target in targets]
    return np.dot(tokens, weights) / np.dot([len(target.doc) for target in targets], weights)


@pytest.mark.parametrize("options", [(0.05, 0.01), (0.95, 0.02), (0.5, 0.4)])
def test_it_keeps_the_contract_of_losses(options):
    check_loss(made(*options), smooth=True)


def test_the_loss_is_the_excess_for_each_word():
    scores = sample_scores(TARGETS, LABELS)
    words = sum(target.weight * len(target.doc) for target in TARGETS)
    there = share(scores, TARGETS)
    for ratio in (0.05, 0.95):
        value, *_ = made(ratio, 0.02, factor=3)(scores, TARGETS)
        assert value == pytest.approx(3 * words * (abs(there - ratio) - 0.02))


def test_within_the_band_nothing_is_asked():
    scores = sample_scores(TARGETS, LABELS)
    value, d_closed, d_open = made(share(scores, TARGETS) + 0.01, 0.02)(scores, TARGETS)
    assert (value, d_closed.any(), d_open.any()) == (0, False, False)


def test_only_the_labels_that_are_named_count():
    scores = sample_scores(TARGETS, LABELS)
    there = share(scores, TARGETS, ("B",))
    assert made(there, 0.001, labels=["B"])(scores, TARGETS)[0] == 0
    assert made(there, 0.001)(scores, TARGETS)[0] > 0


def test_what_targets_say_does_not_matter():
    scores = sample_scores(TARGETS, LABELS)
    bare = [replace(target, spans=(), rejected=(), outside=(), complete=frozenset()) for target in TARGETS]
    assert made(0.1, 0)(scores, bare)[0] == made(0.1, 0)(scores, TARGETS)[0]


def test_the_gradient_is_exact_in_double_precision():
    loss = made(0.1, 0.02).inner
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


def test_a_batch_without_a_word_costs_nothing():
    empty = [target for target in TARGETS if not len(target.doc)]
    assert made(0.1, 0)(sample_scores(empty, LABELS), empty)[0] == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"margin": 0.1}, "ratio: missing"),
        ({"ratio": 0.1}, "margin: missing"),
        ({"ratio": 1.5, "margin": 0.1}, "ratio: expected 1 or less, got 1.5"),
        ({"ratio": 0.1, "margin": -1}, "margin: expected 0 or more, got -1"),
        ({"ratio": 0.1, "margin": 0, "factor": 0}, "factor: expected more than 0, got 0"),
        (
            {"ratio": 0.1, "margin": 0, "labels": []},
            "labels: expected a list of 1 or more, got \\[\\]",
        ),
        (
            {"ratio": 0.1, "margin": 0, "labels": ["C"]},
            "labels: expected labels of the pipeline, A, B, got 'C'",
        ),
    ],
)
def test_options_are_checked(options, message):
    with pytest.raises(ConfigError, match=message):
        make_part(entity_ratio, "loss", "entity_ratio", options)

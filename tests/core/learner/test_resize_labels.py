"""A learner with more labels predicts as before, and its new columns learn."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.errors import SettingError
from nerture.core.lattice.greedy_decoder import decode_greedily
from nerture.core.lattice.score_calibration import Calibration
from nerture.core.learner.learner import Learner
from nerture.core.learner.resize_labels import MARGIN, make_anchor, with_labels
from nerture.core.learner.updater import Updater
from nerture.core.network.settings import ModelSettings, TrainSettings
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.plugins.losses import Oracle

SMALL = ModelSettings(width=8, depth=1, pieces=2, hidden=8)


def hits(doc):
    """Matchers that hit every third token."""
    return np.where(np.arange(len(doc)) % 3 == 0, 7, 0).astype(np.uint64)


def random_learner(seed, labels=("A", "B"), longest=4, match_features=None):
    """A learner all of whose weights are random, its outputs strongly so."""
    learner = Learner(labels, SMALL, longest, seed=seed, match_features=match_features)
    rng = np.random.default_rng(seed)
    for name in ("closed.weight", "closed.bias", "open.weight", "open.bias", "mix.bias", "slots.bias"):
        learner.weights[name] = rng.normal(size=learner.weights.shapes[name])
    return learner


def text_of(words, seed=0):
    rng = np.random.default_rng(seed)
    return Doc.from_words([f"w{number}" for number in rng.integers(0, 300, size=words)])


def found(learner, doc):
    return [(span.start, span.end, span.label) for span in learner.predict([doc])[0]]


def followed(learner, doc):
    """The spans of the best action in each state, one after the other."""
    batch, weights = learner.batch([learner.attributes(doc)]), learner.weights
    encoded = learner.network.encode(batch)
    spans = decode_greedily(
        encoded.closed, encoded.slots, weights["open.weight"], weights["open.bias"], batch.bounds,
        learner.longest,
    )  # fmt: skip
    return [(start, end, learner.labels[label]) for _, start, end, label in spans.tolist()]


def probabilities(learner, doc):
    """The probability of every span, by its start, end and label."""
    (derivations,) = learner.derivations([doc])
    listed = derivations.span_probabilities(least=0.0)
    spans = [(start, end, listed.labels[label]) for start, end, label in listed.spans.tolist()]
    return dict(zip(spans, listed.probabilities.tolist(), strict=True))


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10_000),
    st.permutations(["A", "B", "new", "newer"]),
    st.integers(1, 40),
    st.sampled_from([None, hits]),
    st.sampled_from([None, hits]),
)
def test_predictions_of_the_old_labels_stay_as_they_were(seed, labels, words, before, after):
    """Whatever the weights, the text, the order of the labels, and whether matchers come along."""
    learner, doc = random_learner(seed, match_features=before), text_of(words, seed)
    if before is not None:
        after = before
    larger = with_labels(learner, labels, match_features=after)
    assert larger.labels == tuple(labels)
    assert followed(larger, doc) == followed(learner, doc)
    old, new = probabilities(learner, doc), probabilities(larger, doc)
    bound = 2 * 2 * words * math.exp(-MARGIN)
    undecided = {span for span, probability in old.items() if abs(probability - 0.5) < bound + 2e-3}
    assert set(found(larger, doc)) ^ set(found(learner, doc)) <= undecided
    for span, probability in old.items():
        assert new[span] == pytest.approx(probability, abs=bound + 1e-6)
    assert sum(new[span] for span in new if span[2] in ("new", "newer")) <= bound


def test_something_was_predicted_there():
    """The property above would hold of a learner that finds nothing."""
    for decode in (found, followed):
        spans = [span for seed in range(20) for span in decode(random_learner(seed), text_of(20, seed))]
        assert {label for _, _, label in spans} == {"A", "B"}
        assert max(end - start for start, end, _ in spans) > 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30))
def test_dropping_a_label_leaves_no_trace(seed, words):
    """Its columns are gone: the scores of the others are those that they were."""
    learner, doc = random_learner(seed, ("A", "B", "C")), text_of(words, seed)
    smaller = with_labels(learner, ["C", "A"], match_features=None)
    batch = learner.batch([learner.attributes(doc)])
    closed, open_, _, _ = learner.network.scores(batch, 4)
    fewer_closed, fewer_open, _, _ = smaller.network.scores(batch, 4)
    np.testing.assert_allclose(fewer_closed, closed[:, [0, 3, 1, 6, 4]], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(fewer_open, open_[:, :, [2, 0, 5, 3]], rtol=1e-5, atol=1e-5)


def test_calibration_stays():
    learner, doc = random_learner(4), text_of(10)
    learner.calibration = Calibration(1.7, {"A": -0.6})
    assert probabilities(with_labels(learner, ["B", "A"], match_features=None), doc) == pytest.approx(
        probabilities(learner, doc)
    )
    assert with_labels(learner, ["B", "C"], match_features=None).calibration == Calibration(1.7)


def test_the_old_learner_stays_as_it_is():
    learner, doc = random_learner(3), text_of(30)
    weights, before = learner.weights.flat.copy(), found(learner, doc)
    larger = with_labels(learner, ["B", "new", "A"], match_features=None)
    larger.weights.flat[:] = 0.0
    np.testing.assert_array_equal(learner.weights.flat, weights)
    assert found(learner, doc) == before


def test_decay_pulls_towards_the_old_weights_and_releases_new_labels():
    learner = random_learner(4)
    larger = with_labels(learner, ["A", "new", "B"], match_features=None)
    pulled = make_anchor(larger, learner.labels)
    for name in larger.weights:
        if name != "closed.bias":
            np.testing.assert_array_equal(pulled[name], larger.weights[name])
    raised = pulled["closed.bias"] - larger.weights["closed.bias"]
    np.testing.assert_allclose(raised, [0, 0, MARGIN, 0, 0, MARGIN, 0], atol=1e-5)
    updater = Updater(larger, TrainSettings(weight_decay=10.0, learn_rate=0.01), pulled)
    before = larger.weights.copy()
    doc = text_of(4)
    updater.update([larger.attributes(doc)], [Target(doc, complete=frozenset())], [(silent, 1.0)])
    moved = larger.weights.flat - before.flat
    np.testing.assert_allclose(moved, 0.1 * (pulled.flat - before.flat), atol=1e-5)


def silent(scores, targets):
    return 0.0, np.zeros_like(scores.closed), np.zeros_like(scores.open)


@pytest.mark.parametrize("explore", [0.0, 0.5])
def test_the_new_columns_have_a_gradient_and_learn(explore):
    learner = random_learner(1)
    larger = with_labels(learner, ["A", "new", "B"], match_features=hits)
    before = larger.weights.copy()
    updater = Updater(larger, TrainSettings(dropout=0.0, word_dropout=0.0, learn_rate=0.01, weight_decay=0.0))
    doc = text_of(12)
    target = Target(doc, (doc.span(1, 5, "new"), doc.span(6, 7, "new")), frozenset(["new"]))
    wanted = [(1, 5, "new"), (6, 7, "new")]
    updater.update([larger.attributes(doc)], [target], [(Oracle(explore), 1.0)])
    for name, columns in (("closed", [2, 5]), ("open", [1, 4])):
        assert (larger.weights[f"{name}.weight"][:, columns] != before[f"{name}.weight"][:, columns]).any()
        assert (larger.weights[f"{name}.bias"][columns] != before[f"{name}.bias"][columns]).all()
    assert (larger.weights["mix.weight"][-8:] != 0.0).any(), "the matchers' rows of the mix"
    for _ in range(150):
        if [span for span in found(larger, doc) if span[2] == "new"] == wanted:
            break
        updater.update([larger.attributes(doc)], [target], [(Oracle(explore), 1.0)])
    assert [span for span in found(larger, doc) if span[2] == "new"] == wanted


def test_new_match_features_change_nothing_before_training():
    learner, doc = random_learner(5), text_of(9)
    larger = with_labels(learner, learner.labels, match_features=hits, seed=3)
    assert larger.attributes(doc).shape == (9, learner.attributes(doc).shape[1] + 1)
    assert larger.weights["embed.match"].any()
    assert not larger.weights["mix.weight"][-8:].any()
    np.testing.assert_array_equal(larger.weights["mix.weight"][:-8], learner.weights["mix.weight"])
    again = with_labels(learner, learner.labels, match_features=hits, seed=3)
    np.testing.assert_array_equal(again.weights.flat, larger.weights.flat)


def test_removing_match_features_removes_their_weights():
    learner = random_learner(5, match_features=hits)
    smaller = with_labels(learner, learner.labels, match_features=None)
    assert "embed.match" not in smaller.weights.shapes
    np.testing.assert_array_equal(smaller.weights["mix.weight"], learner.weights["mix.weight"][:-8])
    doc = text_of(2)

    def none(doc):
        return np.zeros(len(doc), dtype=np.uint64)

    unheard = Learner(learner.labels, SMALL, 4, weights=learner.weights, match_features=none)
    assert probabilities(smaller, doc) == pytest.approx(probabilities(unheard, doc), abs=1e-5)


def test_the_longest_entity_may_grow_and_the_parameters_are_the_same():
    learner = random_learner(2)
    longer = replace(SMALL, max_entity_tokens=9)
    larger = with_labels(learner, learner.labels, match_features=None, longest=9, settings=longer)
    assert (larger.longest, larger.settings) == (9, longer)
    np.testing.assert_array_equal(larger.weights.flat, learner.weights.flat)
    doc = text_of(4)  # no entity could be cut off at four tokens
    assert found(larger, doc) == found(learner, doc)


def test_invalid_arguments_are_refused():
    with pytest.raises(SettingError, match=r"longest: expected 4 or more \(it may only grow\), got 3"):
        with_labels(random_learner(0), ["A"], match_features=None, longest=3)
    with pytest.raises(SettingError, match=r"expected the learner's, .*width=8.*, got .*width=16"):
        with_labels(random_learner(0), ["A"], match_features=None, settings=replace(SMALL, width=16))
    with pytest.raises(SettingError, match="labels"):
        with_labels(random_learner(0), ["A", "A"], match_features=None)
    with pytest.raises(SettingError, match="labels"):
        with_labels(random_learner(0), [], match_features=None)

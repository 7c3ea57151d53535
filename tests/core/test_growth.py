"""A grown learner predicts what it predicted, and its new columns learn."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.derivations import Derivations
from nerture.core.doc import Doc
from nerture.core.errors import SettingError
from nerture.core.growth import MARGIN, grown
from nerture.core.learner import Learner
from nerture.core.settings import ModelSettings, TrainSettings
from nerture.core.target import Target
from nerture.core.updater import Updater
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


def found(learner, docs):
    return [[(span.start, span.end, span.label) for span in spans] for spans in learner.predict(docs)]


def probabilities(learner, doc):
    """The probability of every span, by its start, end and label; of a float64 lattice."""
    closed, open_, _, _ = learner.network.scores(learner.batch([learner.attributes(doc)]), learner.longest)
    listed = Derivations(closed, open_, learner.labels).span_probabilities(least=0.0)
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
    larger = grown(learner, labels, match_features=after)
    assert larger.labels == tuple(labels)
    assert found(larger, [doc]) == found(learner, [doc])
    old, new = probabilities(learner, doc), probabilities(larger, doc)
    bound = 2 * 2 * words * math.exp(-MARGIN)
    for span, probability in old.items():
        assert new[span] == pytest.approx(probability, abs=bound + 1e-6)
    assert sum(new[span] for span in new if span[2] in ("new", "newer")) <= bound


def test_something_was_predicted_there():
    """The property above would hold of a learner that finds nothing."""
    spans = [span for seed in range(20) for span in found(random_learner(seed), [text_of(20, seed)])[0]]
    assert {label for _, _, label in spans} == {"A", "B"}
    assert max(end - start for start, end, _ in spans) > 2


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 30))
def test_a_label_that_is_dropped_is_as_if_it_had_never_been(seed, words):
    """Its columns are gone: the scores of the others are those that they were."""
    learner, doc = random_learner(seed, ("A", "B", "C")), text_of(words, seed)
    smaller = grown(learner, ["C", "A"])
    batch = learner.batch([learner.attributes(doc)])
    closed, open_, _, _ = learner.network.scores(batch, 4)
    fewer_closed, fewer_open, _, _ = smaller.network.scores(batch, 4)
    np.testing.assert_allclose(fewer_closed, closed[:, [0, 3, 1, 6, 4]], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(fewer_open, open_[:, :, [2, 0, 5, 3]], rtol=1e-5, atol=1e-5)


def test_the_old_learner_stays_as_it_is():
    learner, doc = random_learner(3), text_of(30)
    weights, before = learner.weights.flat.copy(), found(learner, [doc])
    larger = grown(learner, ["B", "new", "A"])
    larger.weights.flat[:] = 0.0
    np.testing.assert_array_equal(learner.weights.flat, weights)
    assert found(learner, [doc]) == before


@pytest.mark.parametrize("explore", [0.0, 0.5])
def test_the_new_columns_have_a_gradient_and_learn(explore):
    learner = random_learner(1)
    larger = grown(learner, ["A", "new", "B"], match_features=hits)
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
        if [span for span in found(larger, [doc])[0] if span[2] == "new"] == wanted:
            break
        updater.update([larger.attributes(doc)], [target], [(Oracle(explore), 1.0)])
    assert [span for span in found(larger, [doc])[0] if span[2] == "new"] == wanted


def test_matchers_that_come_along_are_heard_only_once_it_has_learned():
    learner, doc = random_learner(5), text_of(9)
    larger = grown(learner, learner.labels, match_features=hits, seed=3)
    assert larger.attributes(doc).shape == (9, learner.attributes(doc).shape[1] + 1)
    assert larger.weights["embed.match"].any()
    assert not larger.weights["mix.weight"][-8:].any()
    np.testing.assert_array_equal(larger.weights["mix.weight"][:-8], learner.weights["mix.weight"])
    again = grown(learner, learner.labels, match_features=hits, seed=3)
    np.testing.assert_array_equal(again.weights.flat, larger.weights.flat)


def test_matchers_that_are_left_out_take_their_weights_with_them():
    learner = random_learner(5, match_features=hits)
    smaller = grown(learner, learner.labels)
    assert "embed.match" not in smaller.weights.shapes
    np.testing.assert_array_equal(smaller.weights["mix.weight"], learner.weights["mix.weight"][:-8])
    doc = text_of(2)

    def none(doc):
        return np.zeros(len(doc), dtype=np.uint64)

    unheard = Learner(learner.labels, SMALL, 4, weights=learner.weights, match_features=none)
    assert probabilities(smaller, doc) == pytest.approx(probabilities(unheard, doc), abs=1e-5)


def test_the_longest_entity_may_grow_and_the_parameters_are_the_same():
    learner = random_learner(2)
    larger = grown(learner, learner.labels, 9)
    assert larger.longest == 9
    np.testing.assert_array_equal(larger.weights.flat, learner.weights.flat)
    doc = text_of(4)  # no entity could be cut off at four tokens
    assert found(larger, [doc]) == found(learner, [doc])


def test_what_is_refused():
    with pytest.raises(SettingError, match="longest: found 3, allowed is 4 or more"):
        grown(random_learner(0), ["A"], 3)
    with pytest.raises(SettingError, match="labels"):
        grown(random_learner(0), ["A", "A"])
    with pytest.raises(SettingError, match="labels"):
        grown(random_learner(0), [])

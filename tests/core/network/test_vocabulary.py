"""The vocabulary: known values, and the replacement of unknown ones."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.errors import SettingError
from nerture.core.learner.learner import Learner
from nerture.core.learner.updater import Updater
from nerture.core.network.network import Noise
from nerture.core.network.settings import ModelSettings, TrainSettings
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.text.doc import Doc

SMALL = ModelSettings(width=8, depth=1, pieces=2, hidden=8)
COLUMNS = np.array([0, 2], dtype=np.int32)
# few values and many, of which some fall into the same place of the index
VALUES = st.one_of(st.integers(0, 5), st.integers(0, 2**64 - 1))
TABLES = st.lists(st.lists(st.lists(VALUES, min_size=3, max_size=3), max_size=8), max_size=5)


def tables_of(rows):
    return [np.array(table, dtype=np.uint64).reshape(-1, 3) for table in rows]


def naive(rows):
    return Counter(
        token[column] for table in rows for token in table for column in COLUMNS if token[column] > 1
    )


def as_dict(vocabulary):
    return dict(zip(vocabulary.values.tolist(), vocabulary.counts.tolist(), strict=True))


@given(TABLES)
def test_values_are_counted(rows):
    assert as_dict(Vocabulary.of(tables_of(rows), COLUMNS)) == naive(rows)


def test_counts_end_at_255():
    often = np.full((200, 3), 7, dtype=np.uint64)
    assert as_dict(Vocabulary.of([often], COLUMNS)) == {7: 255}
    assert as_dict(Vocabulary.of([often[:127]], COLUMNS)) == {7: 254}


@given(TABLES, TABLES)
def test_merge_is_the_union(left, right):
    one, other = (Vocabulary.of(tables_of(rows), COLUMNS) for rows in (left, right))
    assert as_dict(one.merge(other)) == naive(left) | naive(right)
    assert one.merge(other) == other.merge(one)
    assert one.merge(one) == one


@given(TABLES, TABLES)
def test_only_unknown_values_are_replaced(seen, read):
    vocabulary = Vocabulary.of(tables_of(seen), COLUMNS)
    known = naive(seen)
    for table in tables_of(read):
        expected = table.copy()
        for column in COLUMNS:
            column_values = table[:, column].tolist()
            expected[:, column] = [value if value in known or not value else 1 for value in column_values]
        vocabulary.replace_unknown(table, COLUMNS, 0.0, seed=1)
        np.testing.assert_array_equal(table, expected)


@pytest.mark.parametrize("rare", [0.25, 2.0])
@pytest.mark.parametrize("times", [1, 3, 40, 255])
def test_values_seen_n_times_are_replaced_at_the_documented_rate(rare, times):
    vocabulary = Vocabulary([5, 6], [times, 255])
    share, tokens = rare / (rare + times), 40_000
    replaced = []
    for seed in range(2):
        table = np.full((tokens, 3), 5, dtype=np.uint64)
        vocabulary.replace_unknown(table, COLUMNS, rare, seed)
        assert (table[:, 1] == 5).all(), "of another column"
        replaced.append(table[:, COLUMNS] == 1)
        bound = 5 * (share * (1 - share) / (2 * tokens)) ** 0.5  # five standard errors
        assert replaced[-1].mean() == pytest.approx(share, abs=bound)
    assert not np.array_equal(*replaced), "another seed replaces others"
    assert (replaced[0][:, 0] == replaced[0][:, 1]).all(), "a word is new as a whole"


def test_the_rarest_of_a_word_goes_first():
    vocabulary = Vocabulary([5, 6], [1, 9])
    table = np.tile(np.array([5, 0, 6], dtype=np.uint64), (5000, 1))
    vocabulary.replace_unknown(table, COLUMNS, 1.0, seed=3)
    gone = table[:, COLUMNS] == 1
    assert (gone[:, 0] >= gone[:, 1]).all()
    assert gone[:, 0].sum() > gone[:, 1].sum() > 0


@pytest.mark.parametrize(
    ("values", "counts", "message"),
    [
        ([3, 2], [1], r"values of shape \(2,\) and counts of shape \(1,\)"),
        ([[1]], [[1]], r"values of shape \(1, 1\)"),
        ([3, 2], [1, 1], "expected values that are ascending"),
        ([2, 2], [1, 1], "expected values that are ascending"),
        ([1, 2], [1, 1], "above 1"),
        ([2, 3], [1, 0], "expected counts from 1 to 255, got 0"),
    ],
)
def test_what_is_no_vocabulary(values, counts, message):
    with pytest.raises(SettingError, match=message):
        Vocabulary(values, counts)


def test_it_does_not_change():
    vocabulary = Vocabulary([2, 3], [3, 4])
    for array in (vocabulary.values, vocabulary.counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 9
    assert vocabulary != Vocabulary([2, 3], [3, 5])
    assert vocabulary != "a vocabulary"


def learner_knowing(*texts, **options):
    learner = Learner(("A", "B"), SMALL, 4, seed=1, vocabulary=Vocabulary((), ()), **options)
    rng = np.random.default_rng(0)
    for name in ("closed.weight", "open.weight"):
        learner.weights[name] = rng.normal(size=learner.weights.shapes[name])
    return learner.with_vocabulary(learner.attributes(Doc(text)) for text in texts)


def probabilities(learner, text):
    (found,) = learner.probable_spans([Doc(text)], 0.01)
    return [(span.start, span.end, span.label, span.score) for span in found.spans]


@pytest.mark.parametrize("precision", ["f32", "int8"])
def test_new_words_of_the_same_shape_are_all_alike(precision):
    learner = learner_knowing("We sow leeks in March")
    if precision == "int8":
        learner = learner.with_precision("int8")
    predictions = [
        probabilities(learner, f"We sow {word} in March") for word in ("leeks", "qwert", "zuiop", "Yxcvb")
    ]
    assert predictions[1] == predictions[2], "nothing of either is known"
    assert predictions[0] != predictions[1]
    assert predictions[3] != predictions[1], "another shape"


def test_without_a_vocabulary_every_value_is_used():
    plain = Learner(("A", "B"), SMALL, 4, seed=1, weights=learner_knowing().weights)
    assert plain.with_vocabulary([plain.attributes(Doc("leeks"))]).vocabulary is None
    assert probabilities(plain, "We sow qwert") != probabilities(plain, "We sow zuiop")


def test_training_sees_what_prediction_sees():
    """The layers of training and the encoder of prediction take the same words for new."""
    learner = learner_knowing("We sow leeks in March")
    batch = learner.batch([learner.attributes(Doc("They sow qwertz or leeks in May"))])
    closed, open_, _, _ = learner.network.scores(batch, learner.longest)
    for weights in (learner.weights, learner.weights.copy()):
        trained, opened, _, _ = learner.with_weights(weights).network.scores(
            batch, learner.longest, Noise(1), weights.zeros_like()
        )
        np.testing.assert_allclose(closed, trained, atol=1e-5)
        np.testing.assert_allclose(open_, opened, atol=1e-5)


def test_rare_words_are_new_in_training_alone():
    learner = learner_knowing("We sow leeks in March")
    batch = learner.batch([learner.attributes(Doc("We sow leeks in March"))])
    gradient = learner.weights.zeros_like()
    exact, _, _, _ = learner.network.scores(batch, 4)
    noisy = [
        learner.network.scores(batch, 4, Noise(seed, unk_dropout=1.0), gradient)[0] for seed in range(20)
    ]
    assert any(not np.allclose(exact, one, atol=1e-5) for one in noisy)
    again, _, _, _ = learner.network.scores(batch, 4, Noise(0, unk_dropout=1.0), gradient)
    np.testing.assert_array_equal(again, noisy[0])
    np.testing.assert_array_equal(batch.attributes, learner.attributes(Doc("We sow leeks in March")))


def test_derived_learners_have_the_same_vocabulary():
    learner = learner_knowing("We sow leeks in March")
    for other in (
        learner.copy(),
        learner.with_precision("int8"),
        learner.with_weights(learner.weights.copy()),
    ):
        assert other.vocabulary == learner.vocabulary
    more = learner.with_vocabulary([learner.attributes(Doc("and chard"))])
    assert set(as_dict(more.vocabulary)) > set(as_dict(learner.vocabulary))
    assert more.weights is learner.weights
    assert as_dict(learner.vocabulary) == as_dict(learner_knowing("We sow leeks in March").vocabulary)


def test_add_vocabulary_keeps_the_weights():
    updater = Updater(learner_knowing("We sow leeks"), TrainSettings())
    weights, average = updater.learner.weights, updater.averaged.weights
    updater.add_vocabulary([updater.learner.attributes(Doc("and chard"))])
    assert updater.learner.weights is weights is updater.state["weights"]
    assert updater.averaged.weights is average is updater.state["average"]
    assert updater.learner.vocabulary == updater.averaged.vocabulary
    assert len(updater.learner.vocabulary) > len(learner_knowing("We sow leeks").vocabulary)

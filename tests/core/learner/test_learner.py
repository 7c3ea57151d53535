from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.errors import SettingError
from nerture.core.lattice.score_calibration import UNCHANGED, Calibration
from nerture.core.learner import learner as learner_module
from nerture.core.learner.learner import Learner
from nerture.core.learner.prediction import choose_best_disjoint
from nerture.core.network.settings import ModelSettings
from nerture.core.text.doc import Doc, Span

SMALL = ModelSettings(width=16, depth=2, pieces=2, hidden=8)


def random_learner(longest=5, seed=0, **options):
    """A learner whose outputs are random, so that it finds many entities of all lengths."""
    learner = Learner(("A", "B"), SMALL, longest, seed=seed, **options)
    rng = np.random.default_rng(seed)
    for name in ("closed.weight", "open.weight"):
        learner.weights[name] = rng.normal(size=learner.weights.shapes[name])
    learner.weights["open.bias"][:2] += 1.0
    return learner


def text_of(words, seed=0):
    rng = np.random.default_rng(seed)
    return Doc.from_words([f"w{number}" for number in rng.integers(0, 300, size=words)])


def found(spans):
    return [(span.start, span.end, span.label) for span in spans]


@pytest.mark.parametrize("longest", [1, 2, 5, 30])
@pytest.mark.parametrize("piece", [120, 300])
def test_a_long_text_piece_by_piece_gives_what_the_whole_gives(monkeypatch, longest, piece):
    learner, doc = random_learner(longest), text_of(2000)
    learner.weights["closed.weight"] *= 5  # sure of itself, as a trained learner is
    learner.weights["closed.bias"][0] += 6
    (whole,) = learner.probable_spans([doc], 0.01)
    assert len(whole.spans) > 20
    assert longest == 1 or any(len(span) > 1 for span in whole.spans)
    monkeypatch.setattr(learner_module, "LONG_TEXT", 50)
    monkeypatch.setattr(learner_module, "PREDICT_WORDS", piece)
    (pieces,) = learner.probable_spans([doc], 0.0)
    assert pieces.lost < 0.2
    scores = {span: span.score for span in pieces.spans}
    errors = [abs(scores.get(span, 0.0) - span.score) for span in whole.spans]
    assert max(errors) <= pieces.lost + whole.lost + 1e-5
    assert np.median(errors) < 1e-3  # what is lost at a seam matters near it


@pytest.mark.parametrize("precision", ["f32", "f16", "int8"])
@pytest.mark.parametrize(
    "calibration", [UNCHANGED, Calibration(0.5), Calibration(3.0, {"A": 0.7, "B": -1.5})]
)
@pytest.mark.parametrize("longest", [1, 2, 7])
def test_probable_spans_are_those_of_all_derivations(calibration, longest, precision):
    learner = random_learner(longest, calibration=calibration).with_precision(precision)
    docs = [text_of(words, words) for words in (1, 2, 9, 40)]
    for doc, found, exact in zip(
        docs, learner.probable_spans(docs, 1e-4), learner.derivations(docs), strict=True
    ):
        assert 0 <= found.lost <= 1e-3
        mine = {(span.start, span.end, span.label): span.score for span in found.spans}
        posterior = exact.span_probabilities(least=0)
        for (start, end, label), probability in zip(
            posterior.spans.tolist(), posterior.probabilities.tolist(), strict=True
        ):
            score = mine.pop((start, end, learner.labels[label]), 0.0)
            assert probability - found.lost - 1.1e-4 <= score <= probability + 1e-5
        assert not mine
        assert len(doc) == 1 or len(found.spans) > 2


def test_the_prediction_has_all_spans_that_are_more_likely_than_not():
    learner = random_learner()
    docs = [text_of(60, seed) for seed in range(5)]
    for spans, exact in zip(learner.predict(docs), learner.derivations(docs), strict=True):
        assert spans
        for span in spans:
            assert span.score > 0.5
            assert span.score == pytest.approx(
                exact.span_probability(span.start, span.end, span.label), abs=1e-3
            )
        assert spans == sorted(spans, key=lambda span: span.start)


def test_two_overlapping_spans_at_one_half_are_never_both_predicted():
    """Both are exactly at the threshold, from which on a span is predicted."""
    learner = Learner(("A", "B"), ModelSettings(width=8, depth=1, pieces=2, hidden=8), 2, seed=0)
    learner.weights["closed.bias"] = np.array([-1000, -1000, 0, 0, -1000], np.float32)
    doc = Doc("one two three")
    (probable,) = learner.probable_spans([doc], 0.5)
    assert [(span.start, span.end, span.score) for span in probable.spans] == [
        (0, 1, 0.5), (0, 2, 0.5), (2, 3, 0.75),
    ]  # fmt: skip
    doc.spans = learner.predict([doc])[0]
    assert [(span.start, span.end) for span in doc.spans] == [(2, 3)]


@pytest.mark.parametrize("longest", [0, 201, 2**62])
def test_entities_of_a_length_that_no_learner_has(longest):
    with pytest.raises(SettingError, match=f"longest: expected 1 to 200, got {longest} tokens"):
        Learner(("A",), longest=longest)


@pytest.mark.parametrize("threshold", [0.5, 0.1])
def test_calibration_changes_the_scores_and_not_the_decision(threshold):
    docs = [text_of(60, seed) for seed in range(5)]
    plain, warm = (
        random_learner(threshold=threshold),
        random_learner(calibration=Calibration(2.5, {"A": -1.0}), threshold=threshold),
    )
    assert [found(spans) for spans in warm.predict(docs)] == [found(spans) for spans in plain.predict(docs)]
    for spans, exact in zip(warm.predict(docs), warm.derivations(docs), strict=True):
        for span in spans:
            expected = exact.span_probability(span.start, span.end, span.label)
            assert span.score == pytest.approx(expected, abs=1e-3)
        assert [span.score for span in spans] != [span.score for span in plain.predict(docs)[0]]


@st.composite
def candidates(draw):
    doc = text_of(8)
    spans = []
    for _ in range(draw(st.integers(0, 7))):
        start = draw(st.integers(0, 7))
        end = draw(st.integers(start + 1, 8))
        score = draw(st.integers(0, 16)) / 16
        spans.append(Span(start, end, draw(st.sampled_from("AB")), score, doc=doc))
    return sorted(set(spans), key=lambda span: span.end)


@given(candidates(), st.integers(0, 15), st.integers(0, 15))
@settings(deadline=None, derandomize=True)
def test_the_best_disjoint_spans_are_the_best_of_all_sets(spans, first, second):
    thresholds = {"A": first / 16, "B": second / 16}

    def gain(chosen):
        return sum(span.score - thresholds[span.label] for span in chosen)

    def disjoint(chosen):
        return all(one.end <= two.start or two.end <= one.start for one, two in combinations(chosen, 2))

    best = max(
        gain(chosen)
        for count in range(len(spans) + 1)
        for chosen in combinations(spans, count)
        if disjoint(chosen)
    )
    chosen = choose_best_disjoint(spans, thresholds)
    assert disjoint(chosen)
    assert gain(chosen) == best
    assert chosen == sorted(chosen, key=lambda span: span.start)


def test_a_long_text_is_never_encoded_at_once(monkeypatch):
    monkeypatch.setattr(learner_module, "LONG_TEXT", 100)
    monkeypatch.setattr(learner_module, "PREDICT_WORDS", 50)
    learner, doc = random_learner(), text_of(1000)
    sizes = []
    encode = learner.network.encode

    class Watched:
        receptive_field = learner.network.receptive_field

        def encode(self, batch):
            sizes.append(len(batch.attributes))
            return encode(batch)

    learner.network = Watched()
    learner.predict([doc])
    assert sizes
    assert max(sizes) <= 50 + 2 * Watched.receptive_field


def test_texts_together_give_what_each_gives_alone():
    learner = random_learner()
    docs = [text_of(words, seed) for seed, words in enumerate([3, 0, 1, 40, 5000, 0, 17])]
    together = learner.predict(docs)
    assert [found(spans) for spans in together] == [found(learner.predict([doc])[0]) for doc in docs]
    for doc, spans in zip(docs, together, strict=True):
        assert doc.spans == [], "prediction leaves the docs as they are"
        assert all(span.doc is doc for span in spans)
        doc.spans = spans  # in order, none overlapping


def test_no_texts_and_empty_texts():
    learner = random_learner()
    assert learner.predict([]) == []
    assert learner.predict([Doc.from_words([])]) == [[]]


def test_threads_predict_what_one_does():
    learner = random_learner()
    docs = [text_of(40, seed) for seed in range(30)]
    alone = [found(spans) for spans in random_learner().predict(docs)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: learner.predict(docs), range(24)))
    for result in results:
        assert [found(spans) for spans in result] == alone


def test_match_features_are_one_more_attribute():
    seen = []

    def features(doc):
        seen.append(doc)
        return np.arange(len(doc), dtype=np.uint64)

    learner, doc = random_learner(match_features=features), text_of(4)
    table = learner.attributes(doc)
    assert seen == [doc]
    assert table[:, -1].tolist() == [0, 1, 2, 3]
    assert table.shape[1] == random_learner().attributes(doc).shape[1] + 1
    learner.predict([doc])


@pytest.mark.parametrize("labels", [[], ["A", "A"]])
def test_labels_are_different_names(labels):
    with pytest.raises(SettingError, match=r"labels: expected one or more different names, got .*"):
        Learner(labels, SMALL)


def test_describe_counts_every_weight():
    learner = random_learner()
    blocks = learner.describe()
    assert sum(block.count for block in blocks) == learner.weights.flat.size
    assert {block.name for block in blocks} >= {"embed.norm", "mix.weight", "closed.bias"}


def test_the_default_model_is_small():
    size = Learner(("A", "B", "C"), longest=10).weights.flat.nbytes
    assert size <= 6e6, f"{size / 1e6:.1f} MB"

"""Prediction given a target against brute force over the probabilities of all derivations that agree."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from nerture.core.errors import ConflictError, DataError, Origin
from nerture.core.lattice.score_calibration import UNCHANGED, Calibration
from nerture.core.learner import constrained_prediction as constrained
from nerture.core.learner.constrained_prediction import predict_given, probable_spans_given
from nerture.core.learner.learner import Learner
from nerture.core.network.settings import ModelSettings
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc

from ...support.all_derivations import agrees, calibrated, enumerate_all

SMALL = ModelSettings(width=16, depth=2, pieces=2, hidden=8)


def random_learner(longest=3, scale=1.0, **options):
    learner = Learner(("A", "B"), SMALL, longest, **options)
    rng = np.random.default_rng(5)
    for name in ("closed.weight", "open.weight"):
        learner.weights[name] = scale * rng.normal(size=learner.weights.shapes[name])
    return learner


def text_of(words, seed=0):
    rng = np.random.default_rng(seed)
    return Doc.from_words([str(word) for word in rng.choice(["red", "Ann", "of", "12", "x"], size=words)])


def shares(learner, target, calibration):
    """The probability of every span given the target, by enumeration."""
    attributes = learner.attributes(target.doc)
    closed, open_, _, _ = learner.network.scores(learner.batch([attributes]), learner.longest)
    every = enumerate_all(*calibrated(closed, open_, learner.labels, calibration), learner.labels)
    agreeing = [(spans, math.exp(weight)) for spans, weight, _ in every if agrees(spans, target)]
    total = math.fsum(probability for _, probability in agreeing)
    found = {}
    for spans, probability in agreeing:
        for span in spans:
            found[span] = found.get(span, 0.0) + probability / total
    return found


def naive(learner, target, thresholds):
    """The best set of spans that do not overlap, by trying all of them; probabilities by enumeration."""
    choice = shares(learner, target, UNCHANGED if thresholds is None else learner.calibration)
    scores = shares(learner, target, learner.calibration)
    limits = {"A": 0.5, "B": 0.5, **(thresholds or {})}
    known = {(span.start, span.end, span.label) for span in target.spans}
    worth = [span for span, share in choice.items() if share > limits[span[2]] or span in known]
    best, chosen = -math.inf, []
    for count in range(len(worth) + 1):
        for some in combinations(worth, count):
            disjoint = all(one[1] <= two[0] or two[1] <= one[0] for one, two in combinations(some, 2))
            gain = sum(choice[span] - limits[span[2]] for span in some)
            if disjoint and known <= set(some) and gain > best + 1e-9:
                best, chosen = gain, sorted(some)
    return [(*span, scores[span]) for span in chosen]


TARGETS = {
    "nothing": {},
    "a span": {"spans": [(1, 3, "B")]},
    "two spans, side by side": {"spans": [(0, 1, "A"), (1, 3, "A")]},
    "a rejected one": {"rejected": [(0, 1, "A"), (2, 3, "A"), (2, 3, "B")]},
    "outside": {"outside": (2, 3)},
    "all of it": {"spans": [(3, 5, "A")], "rejected": [(0, 1, "A"), (0, 2, "B")], "outside": (2,)},
}


def target_of(doc, spans=(), rejected=(), **options):
    made = [tuple(doc.span(*span) for span in group) for group in (spans, rejected)]
    return Target(doc, made[0], complete=frozenset(), rejected=made[1], **options)


@pytest.mark.parametrize("parts", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("thresholds", [None, {"A": 0.2, "B": 0.3}, {"A": 0.9}, {"A": 1.0, "B": 1.0}])
@pytest.mark.parametrize(
    "calibration", [UNCHANGED, Calibration(2.0), Calibration(2.0, {"A": -1.0, "B": 0.5})]
)
def test_the_choice_is_the_best_of_all_that_agree(parts, thresholds, calibration):
    learner = random_learner(calibration=calibration)
    for seed in range(3):
        target = target_of(text_of(5, seed), **parts)
        found = predict_given(learner, target, thresholds)
        expected = naive(learner, target, thresholds)
        assert [(s.start, s.end, s.label) for s in found] == [span[:3] for span in expected]
        assert [s.score for s in found] == pytest.approx([span[3] for span in expected], abs=1e-6)
        assert set(target.spans) <= set(found)


@pytest.mark.parametrize("parts", TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("temperature", [None, 0.7])
def test_probable_spans_given_a_target(parts, temperature):
    learner = random_learner(calibration=Calibration(2.0, {"B": 1.0}))
    target = target_of(text_of(5), **parts)
    expected = shares(learner, target, Calibration(temperature) if temperature else learner.calibration)
    for least in (1e-12, 0.05):
        found = probable_spans_given(learner, target, least, temperature)
        assert [span.end for span in found] == sorted(span.end for span in found)
        mine = {(span.start, span.end, span.label): span.score for span in found}
        assert mine == pytest.approx({key: p for key, p in expected.items() if p >= least}, abs=1e-6)


def test_a_target_without_knowledge_changes_nothing():
    learner = random_learner(calibration=Calibration(1.7))
    for seed in range(10):
        doc = text_of(50, seed)
        for thresholds in (None, {"A": 0.3, "B": 0.6}):
            mine = predict_given(learner, target_of(doc), thresholds)
            (whole,) = learner.predict([doc], thresholds)
            assert mine == whole
            assert [span.score for span in mine] == pytest.approx([s.score for s in whole], abs=2e-3)


def test_a_long_text_piece_by_piece_gives_what_the_whole_gives(monkeypatch):
    """The model is sure of itself, as a trained one is, so that there are places where nothing is open."""
    learner = random_learner(5, scale=5.0)
    learner.weights["closed.bias"][0] += 6
    doc = text_of(3000)
    known = [(start, start + 1 + start % 5, "AB"[start % 2]) for start in range(3, 2900, 37)]
    known = [span for span in known if not 185 < span[0] < 215]
    known += [(195, 200, "A"), (200, 205, "A"), (205, 210, "B")]  # over the end of the first piece
    (free,) = learner.predict([doc])
    wrong = [(span.start, span.end, span.label) for span in free[::3]]
    target = target_of(doc, known, [span for span in wrong if span not in known])
    monkeypatch.setattr(constrained, "PIECE", 10_000)
    whole = predict_given(learner, target)
    assert len(whole) > len(known) + 20
    monkeypatch.setattr(constrained, "PIECE", 200)
    pieces = predict_given(learner, target)
    assert pieces == whole
    errors = [abs(mine.score - other.score) for mine, other in zip(pieces, whole, strict=True)]
    assert max(errors) < 0.05
    assert np.median(errors) < 1e-4


def test_a_very_long_text_needs_little_memory():
    learner = random_learner(10)
    doc = text_of(20_000)
    sizes = []
    scores = learner.network.scores

    class Watched:
        receptive_field = learner.network.receptive_field

        def scores(self, batch, longest):
            sizes.append(len(batch.attributes))
            return scores(batch, longest)

    learner.network = Watched()
    found = predict_given(learner, target_of(doc, [(10_000, 10_003, "A")]))
    assert doc.span(10_000, 10_003, "A") in found
    assert max(sizes) <= constrained.PIECE + 2 * Watched.receptive_field


def test_an_empty_text():
    assert predict_given(random_learner(), target_of(Doc.from_words([]))) == []


def test_contradictory_targets_are_refused():
    doc = text_of(6)
    for parts in ({"spans": [(0, 2, "A"), (1, 3, "B")]}, {"spans": [(0, 2, "A")], "outside": (1,)}):
        with pytest.raises(ConflictError, match=r"t\.txt:3: "):
            predict_given(random_learner(), target_of(doc, **parts, origin=Origin("t.txt", 3)))
    for ask in (predict_given, lambda *given: probable_spans_given(*given, 0.5)):
        with pytest.raises(DataError, match=r"expected at most 3 tokens \(max_entity_tokens\), got 4"):
            ask(random_learner(), target_of(doc, [(1, 5, "A")]))


def test_groups_that_are_not_all_there_hold_in_their_piece():
    learner, doc = random_learner(), text_of(5)
    one, two = doc.span(0, 1, "A"), doc.span(3, 4, "A")
    target = Target(doc, complete=frozenset(), not_together=((one, two),))
    found = predict_given(learner, target, {"A": 0.0001, "B": 0.9999})
    (exact,) = learner.derivations([doc])
    posterior = exact.span_probabilities(target, 0.0)
    share = {
        tuple(row): p
        for row, p in zip(posterior.spans.tolist(), posterior.probabilities.tolist(), strict=True)
    }
    for span in found:
        assert span.score == pytest.approx(share[span.start, span.end, 0], abs=1e-6)

"""Prediction and probabilities under rules."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nerture.core.lattice.score_calibration import Calibration
from nerture.core.learner.learner import Learner
from nerture.core.network.settings import ModelSettings
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.core.text.match import Match
from nerture.errors import ConflictError, DataError, Origin
from nerture.models.constrained_learner import ConstrainedLearner
from nerture.models.model import Model
from nerture.models.rules import Constraints
from nerture.testing.samples import word_offsets

SMALL = ModelSettings(width=16, depth=1, pieces=2, hidden=8)
DOC = Doc.from_words(["red", "Ann", "of", "12", "x"])


class Rule:
    """A matcher that hits the same tokens of every text that is long enough."""

    def __init__(self, *hits):
        self.hits = [Match(*hit) for hit in hits]
        self.labels = tuple(dict.fromkeys(hit.label for hit in self.hits))

    def __call__(self, doc):
        return [hit for hit in self.hits if hit.end <= len(doc)]


def triples(spans):
    return [(span.start, span.end, span.label) for span in spans]


def random_learner(**options):
    learner = Learner(("A", "B"), SMALL, 3, **options)
    rng = np.random.default_rng(5)
    for name in ("closed.weight", "open.weight"):
        learner.weights[name] = rng.normal(size=learner.weights.shapes[name])
    return learner


RULES = Constraints([Rule((1, 3, "B", "p"))], [Rule((3, 4, "A", "q"), (3, 4, "B", "q"))])


@pytest.mark.parametrize("temperature", [1.0, 1.8])
def test_every_probability_is_one_given_the_rules(temperature):
    """Against the analyses that agree, told one by one."""
    learner = random_learner(calibration=Calibration(temperature))
    constrained = ConstrainedLearner(learner, RULES)
    (exact,) = learner.derivations([DOC])
    forbidden = {(3, 4, "A"), (3, 4, "B")}
    agreeing = [
        (probability, spans)
        for probability, spans in exact.k_best(2000)
        if (1, 3, "B") in spans and not forbidden & set(spans)
    ]
    total = math.fsum(probability for probability, _ in agreeing)
    best = constrained.k_best(DOC, 7)
    assert [triples(analysis.spans) for analysis in best] == [spans for _, spans in agreeing[:7]]
    assert [analysis.probability for analysis in best] == pytest.approx(
        [probability / total for probability, _ in agreeing[:7]]
    )
    for start in range(5):
        for end in range(start + 1, min(start + 4, 5) + 1):
            for label in "AB":
                expected = sum(p for p, spans in agreeing if (start, end, label) in spans) / total
                assert constrained.span_probability(DOC, start, end, label) == pytest.approx(
                    expected, abs=1e-9
                )
    asked = Target(DOC, (DOC.span(1, 3, "B"),), frozenset("A"))
    none_of_a = sum(p for p, spans in agreeing if not any(label == "A" for _, _, label in spans)) / total
    assert constrained.log_mass(asked) == pytest.approx(math.log(none_of_a))
    with pytest.raises(ConflictError):
        constrained.log_mass(Target(DOC))
    (found,) = constrained.predict([DOC])
    assert (1, 3, "B") in triples(found)
    for span in found:
        assert span.score == pytest.approx(
            constrained.span_probability(DOC, span.start, span.end, span.label), abs=1e-6
        )


@pytest.mark.parametrize("temperature", [None, 0.6])
def test_a_model_with_rules_teaches_what_holds_under_them(temperature):
    learner = random_learner(calibration=Calibration(1.8))
    model = Model(learner, word_offsets, {}, constraints=RULES)
    under = ConstrainedLearner(random_learner(calibration=Calibration(temperature or 1.8)), RULES)
    texts = Doc("Ann", word_offsets), Doc(DOC.text, word_offsets)
    taught = model.span_probabilities(texts, temperature)
    for text, predicted in zip(texts, taught, strict=True):
        assert len(predicted.spans)
        for (start, end, label), share in zip(predicted.spans.tolist(), predicted.probabilities, strict=True):
            assert share == pytest.approx(under.span_probability(text, start, end, "AB"[label]), abs=2e-4)
    rows = taught[1].spans.tolist()
    assert taught[1].probabilities[rows.index([1, 3, 1])] == 1.0
    assert not any(row[:2] == [3, 4] for row in rows)
    free = Model(learner, word_offsets, {}).span_probabilities(texts, temperature)
    for own, other in zip(model.span_probabilities(texts, temperature, rules=False), free, strict=True):
        assert own.spans.tolist() == other.spans.tolist()
        assert own.probabilities.tolist() == other.probabilities.tolist()


def test_without_rules_everything_is_the_learners_own():
    learner = random_learner(calibration=Calibration(2.0))
    constrained = ConstrainedLearner(learner, RULES)
    other = Doc.from_words(["Ann"])  # too short for the rules
    (exact,) = learner.derivations([other])
    assert constrained.known(other) is None
    assert constrained.predict([other, DOC, other])[0] == learner.predict([other])[0]
    assert constrained.span_probability(other, 0, 1, "A") == exact.span_probability(0, 1, "A")
    assert constrained.log_mass(Target(other)) == exact.log_mass(Target(other))
    assert [(a.probability, triples(a.spans)) for a in constrained.k_best(other, 9)] == exact.k_best(9)


def test_texts_with_and_without_hits_keep_their_order():
    constrained = ConstrainedLearner(random_learner(), RULES)
    docs = [Doc.from_words(["red", "Ann", "of", "12"][:count] * 2) for count in (1, 3, 2, 4)]
    together = constrained.predict(docs, {"A": 0.3})
    assert together == [constrained.predict([doc], {"A": 0.3})[0] for doc in docs]


def test_invalid_questions_and_constraints_are_refused():
    constrained = ConstrainedLearner(random_learner(), Constraints([Rule((0, 4, "A", "p"))]))
    with pytest.raises(DataError, match=r"d\.txt:2: constraints: .* has 4 tokens; entities .* at most 3"):
        constrained.predict([DOC], origins=[Origin("d.txt", 2)])
    constrained = ConstrainedLearner(random_learner(), Constraints())
    with pytest.raises(DataError, match="k: expected 1 or more, got 0"):
        constrained.k_best(DOC, 0)
    with pytest.raises(DataError, match="within the 5 tokens"):
        constrained.span_probability(DOC, 3, 6, "A")
    with pytest.raises(DataError, match="got 'C'"):
        constrained.span_probability(DOC, 3, 4, "C")
    assert constrained.span_probability(DOC, 0, 5, "A") == 0
    with pytest.raises(DataError, match="expected a text of up to 8,000 tokens, got 9,000"):
        constrained.k_best(Doc.from_words(["x"] * 9000), 2)


@pytest.mark.parametrize("bad", [-0.1, 1.1, float("nan"), "0.5", None, True])
def test_thresholds_are_numbers_between_0_and_1(bad):
    constrained = ConstrainedLearner(random_learner(), Constraints())
    with pytest.raises(DataError, match=r"thresholds\.A: expected a number from 0 to 1, got"):
        constrained.predict([DOC], {"A": bad})
    with pytest.raises(DataError, match="thresholds: expected one of A, B, got 'a'; did you mean A"):
        constrained.predict([DOC], {"a": 0.5})

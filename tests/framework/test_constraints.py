"""What rules know of a text, what becomes of contradictions, and prediction and probabilities under them."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from nerture.core.lattice.score_calibration import Calibration
from nerture.core.learner.learner import Learner
from nerture.core.network.settings import ModelSettings
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.core.text.match import Match
from nerture.errors import ConfigError, ConflictError, DataError, Origin
from nerture.models.constrained_learner import ConstrainedLearner
from nerture.models.model import Model, load
from nerture.models.rules import Constraints, check_labels, given
from nerture.pipeline import open_pipeline
from nerture.testing.samples import word_offsets
from nerture.training.train import train
from nerture.training.trainer import Trainer
from nerture.training.training_data import read_training_data

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


def test_hits_become_a_target_that_is_complete_for_nothing():
    rules = Constraints(
        [Rule((0, 2, "A", "p")), Rule((0, 2, "A", "q"), (3, 4, "B", "r"))], [Rule((1, 2, "A", "s"))]
    )
    known = rules(DOC)
    assert triples(known.spans) == [(0, 2, "A"), (3, 4, "B")]
    assert triples(known.rejected) == [(1, 2, "A")]
    assert not known.complete_for("A")
    assert rules(Doc.from_words(["red"])) is None
    assert Constraints()(DOC) is None


def test_two_sets_of_rules_hold_together():
    both = Constraints([Rule((0, 1, "A", "p"))]).also(
        Constraints([Rule((2, 3, "A", "q"))], [Rule((4, 5, "B", "r"))])
    )
    known = both(DOC)
    assert triples(known.spans) == [(0, 1, "A"), (2, 3, "A")]
    assert triples(known.rejected) == [(4, 5, "B")]


@pytest.mark.parametrize(
    ("forced", "forbidden", "said"),
    [
        (
            [(0, 2, "A", "p"), (1, 3, "A", "q")],
            [],
            r"by pattern 'p' and A 'Ann of' .* by pattern 'q' overlap",
        ),
        ([(0, 2, "A", "p"), (0, 2, "B", "q")], [], "overlap, and both are to be there"),
        ([(0, 4, "A", "p"), (1, 2, "B", "q"), (3, 4, "B", "r")], [], "pattern 'q' overlap"),
        (
            [(0, 2, "A", "p")],
            [(0, 2, "A", "q")],
            "is to be there by pattern 'p', and is forbidden by pattern 'q'",
        ),
    ],
)
def test_contradictions_name_both_patterns_and_the_place(forced, forbidden, said):
    rules = Constraints([Rule(hit) for hit in forced], [Rule(*forbidden)])
    with pytest.raises(ConflictError, match=rf"t\.txt:4: constraints: .*{said}"):
        rules(DOC, Origin("t.txt", 4))


def test_what_overlaps_is_no_contradiction_if_it_is_forbidden():
    rules = Constraints(
        [Rule((0, 2, "A", "p"))], [Rule((0, 1, "A", "q"), (1, 3, "A", "r"), (0, 2, "B", "s"))]
    )
    assert len(rules(DOC).rejected) == 3


def test_both_what_is_known_and_what_is_asked():
    known = Constraints([Rule((0, 1, "A", "p"))], [Rule((2, 3, "A", "q"))])(DOC)
    joined = given(Target(DOC, (DOC.span(1, 2, "B"),), frozenset("B")), known)
    assert set(triples(joined.spans)) == {(0, 1, "A"), (1, 2, "B")}
    assert joined.complete_for("B")
    assert not joined.complete_for("A")
    assert triples(joined.rejected) == [(2, 3, "A")]
    with pytest.raises(ConflictError, match="is to be there, and is not among all there are"):
        given(Target(DOC), known)


def test_labels_that_the_model_does_not_give_are_refused():
    with pytest.raises(
        ConfigError, match=r"--constrain: found the label 'DRGU', allowed .*DRUG; did you mean DRUG"
    ):
        check_labels(Rule((0, 1, "DRGU", "p")), ["DRUG"], "--constrain")
    check_labels(Rule((0, 1, "DRUG", "p")), ["DRUG"], "--constrain")


RULES = Constraints([Rule((1, 3, "B", "p"))], [Rule((3, 4, "A", "q"), (3, 4, "B", "q"))])


@pytest.mark.parametrize("temperature", [1.0, 1.8])
def test_every_probability_is_one_given_the_rules(temperature):
    """Against the analyses that agree, told one by one."""
    learner = random_learner(calibration=Calibration(temperature))
    told = ConstrainedLearner(learner, RULES)
    (exact,) = learner.derivations([DOC])
    forbidden = {(3, 4, "A"), (3, 4, "B")}
    agreeing = [
        (probability, spans)
        for probability, spans in exact.k_best(2000)
        if (1, 3, "B") in spans and not forbidden & set(spans)
    ]
    total = math.fsum(probability for probability, _ in agreeing)
    best = told.k_best(DOC, 7)
    assert [triples(analysis.spans) for analysis in best] == [spans for _, spans in agreeing[:7]]
    assert [analysis.probability for analysis in best] == pytest.approx(
        [probability / total for probability, _ in agreeing[:7]]
    )
    for start in range(5):
        for end in range(start + 1, min(start + 4, 5) + 1):
            for label in "AB":
                expected = sum(p for p, spans in agreeing if (start, end, label) in spans) / total
                assert told.span_probability(DOC, start, end, label) == pytest.approx(expected, abs=1e-9)
    asked = Target(DOC, (DOC.span(1, 3, "B"),), frozenset("A"))
    none_of_a = sum(p for p, spans in agreeing if not any(label == "A" for _, _, label in spans)) / total
    assert told.log_mass(asked) == pytest.approx(math.log(none_of_a))
    with pytest.raises(ConflictError):
        told.log_mass(Target(DOC))
    (found,) = told.predict([DOC])
    assert (1, 3, "B") in triples(found)
    for span in found:
        assert span.score == pytest.approx(
            told.span_probability(DOC, span.start, span.end, span.label), abs=1e-6
        )


@pytest.mark.parametrize("temperature", [None, 0.6])
def test_a_model_with_rules_teaches_what_holds_under_them(temperature):
    learner = random_learner(calibration=Calibration(1.8))
    model = Model(learner, word_offsets, {}, constraints=RULES)
    under = ConstrainedLearner(random_learner(calibration=Calibration(temperature or 1.8)), RULES)
    texts = Doc("Ann", word_offsets), Doc(DOC.text, word_offsets)
    taught = model.span_probabilities(texts, temperature)
    for text, told in zip(texts, taught, strict=True):
        assert len(told.spans)
        for (start, end, label), share in zip(told.spans.tolist(), told.probabilities, strict=True):
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
    told = ConstrainedLearner(learner, RULES)
    other = Doc.from_words(["Ann"])  # too short for the rules
    (exact,) = learner.derivations([other])
    assert told.known(other) is None
    assert told.predict([other, DOC, other])[0] == learner.predict([other])[0]
    assert told.span_probability(other, 0, 1, "A") == exact.span_probability(0, 1, "A")
    assert told.log_mass(Target(other)) == exact.log_mass(Target(other))
    assert [(a.probability, triples(a.spans)) for a in told.k_best(other, 9)] == exact.k_best(9)


def test_texts_with_and_without_hits_keep_their_order():
    told = ConstrainedLearner(random_learner(), RULES)
    docs = [Doc.from_words(["red", "Ann", "of", "12"][:count] * 2) for count in (1, 3, 2, 4)]
    together = told.predict(docs, {"A": 0.3})
    assert together == [told.predict([doc], {"A": 0.3})[0] for doc in docs]


def test_what_cannot_be_asked_or_demanded_is_refused():
    told = ConstrainedLearner(random_learner(), Constraints([Rule((0, 4, "A", "p"))]))
    with pytest.raises(DataError, match=r"d\.txt:2: constraints: .* has 4 tokens; entities .* at most 3"):
        told.predict([DOC], origins=[Origin("d.txt", 2)])
    told = ConstrainedLearner(random_learner(), Constraints())
    with pytest.raises(DataError, match="k: found 0"):
        told.k_best(DOC, 0)
    with pytest.raises(DataError, match="within the 5 tokens"):
        told.span_probability(DOC, 3, 6, "A")
    with pytest.raises(DataError, match="found label 'C'"):
        told.span_probability(DOC, 3, 4, "C")
    assert told.span_probability(DOC, 0, 5, "A") == 0
    with pytest.raises(DataError, match="9,000 tokens; the most probable analyses are told of up to 8,000"):
        told.k_best(Doc.from_words(["x"] * 9000), 2)


@pytest.mark.parametrize("bad", [-0.1, 1.1, float("nan"), "0.5", None, True])
def test_thresholds_are_numbers_between_0_and_1(bad):
    told = ConstrainedLearner(random_learner(), Constraints())
    with pytest.raises(DataError, match=r"thresholds: A: found .*allowed is a number from 0 to 1"):
        told.predict([DOC], {"A": bad})
    with pytest.raises(DataError, match="thresholds: found the label 'a', allowed are A, B; did you mean A"):
        told.predict([DOC], {"a": 0.5})


@pytest.fixture
def project(tmp_path):
    """A pipeline with rules, whose data says something else than the rules do."""
    rows = [
        {"text": f"Bo took Aspirin on day {n} .", "spans": [{"start": 8, "end": 15, "label": "DRUG"}]}
        for n in range(30)
    ]
    (tmp_path / "gold.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "force.jsonl").write_text(json.dumps({"label": "DRUG", "pattern": "Bo"}))
    (tmp_path / "forbid.jsonl").write_text(json.dumps({"label": "DRUG", "pattern": "Aspirin"}))

    def pipeline(*matchers):
        settings = {"max_steps": 30, "evaluate_every": 10, "batch_words": 100, "learn_rate": 0.02}
        used = [{"use": "patterns", "path": str(tmp_path / path), "as": role} for path, role in matchers]
        return {
            "nerture": 1,
            "labels": ["DRUG"],
            "model": {"width": 16, "depth": 1, "hidden": 8},
            "matchers": used,
            "sources": [{"use": "gold", "path": str(tmp_path / "gold.jsonl")}],
            "train": settings,
        }

    return pipeline


def test_a_model_trained_with_constraints_keeps_them(project, tmp_path):
    result = train(project(("force.jsonl", ["constraint"]), ("forbid.jsonl", "forbid")), tmp_path / "model")
    assert result.report.total.predicted >= result.report.texts, "Bo in each text"
    assert result.report.total.right == 0, "and never Aspirin"
    for name in ("force.jsonl", "forbid.jsonl"):
        (tmp_path / name).unlink()
    model = load(tmp_path / "model")
    assert model.learner.match_features is None, "constraints are no features"
    doc = model("Bo took Aspirin on day 3 .", {"DRUG": 0.99})
    assert [span.text for span in doc.spans] == ["Bo"]
    assert doc.spans[0].score == pytest.approx(1.0)
    model.save(tmp_path / "again")
    assert load(tmp_path / "again").span_probability(doc, 2, 3, "DRUG") == 0.0


def test_the_same_rules_may_be_features_and_constraints(project, tmp_path):
    train(project(("force.jsonl", ["feature", "constraint"])), tmp_path / "model")
    model = load(tmp_path / "model")
    assert model.learner.match_features is not None
    assert "Bo" in [span.text for span in model("Bo took Aspirin on day 3 .").spans]


def test_a_contradiction_ends_training_before_it_begins(project, tmp_path):
    pipeline = open_pipeline(project(("force.jsonl", "constraint"), ("force.jsonl", "forbid")))
    with pytest.raises(
        ConflictError, match=r"gold\.jsonl:\d+: constraints: .*'Bo'.* is forbidden by pattern '1'"
    ):
        Trainer(pipeline, read_training_data(pipeline))


def test_a_constraint_of_another_label_is_refused_with_its_place(project, tmp_path):
    (tmp_path / "force.jsonl").write_text(json.dumps({"label": "DRGU", "pattern": "Bo"}))
    with pytest.raises(ConfigError, match=r"matchers\[0\]: found the label 'DRGU'.*did you mean DRUG"):
        open_pipeline(project(("force.jsonl", "constraint")))
    open_pipeline(project(("force.jsonl", "feature")))

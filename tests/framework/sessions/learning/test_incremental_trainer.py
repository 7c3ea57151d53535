"""What a version is trained on, and that it is a function of that alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nerture.core.learner.resize_labels import with_labels
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.core.text.lexical import ATTRIBUTES
from nerture.plugins.distillation import Distillation
from nerture.plugins.lattice_loss import Lattice
from nerture.sessions.estimates.snapshot import TrainingSnapshot
from nerture.sessions.learning.incremental_trainer import WEAK_WEIGHT, IncrementalTrainer
from nerture.sessions.plan import SessionPlan

from ....support.plants import SMALL, gold, pool

PLAN = SessionPlan("teach", ("PLANT",), seed=4)


def complete(texts_of, numbers):
    """Complete targets of some texts."""
    found = []
    for number in numbers:
        doc = texts_of[number].doc
        spans = tuple(doc.char_span(*mark) for mark in gold(doc.text))
        found.append(Target(doc, spans, frozenset({"PLANT"})))
    return tuple(found)


def snapshot(targets=(), reliabilities=None, **counts):
    return TrainingSnapshot(tuple(targets), reliabilities or {}, 0.8, **counts)


def make_trainer(texts_of, **options):
    return IncrementalTrainer(PLAN, texts_of, Lattice(), settings=SMALL, **options)


def digest(learner):
    return learner.weights.flat.tobytes()


def test_a_version_is_a_function_of_its_arguments():
    texts_of = pool(60)
    data = snapshot(complete(texts_of, range(20)))
    first = make_trainer(texts_of).learn(None, data)
    kept = digest(first)
    second = make_trainer(texts_of).learn(first, data)
    assert digest(first) == kept  # the version before is not changed
    trainer = make_trainer(pool(60))
    again = trainer.learn(None, data)
    assert digest(again) == kept
    later = replace(data, events=100)  # the number of events does not matter
    assert digest(trainer.learn(again, later)) == digest(second)
    assert digest(make_trainer(texts_of).learn(first, replace(data, answers=3, learned=2))) != digest(second)


def knows(learner, word):
    value = learner.attributes(Doc.from_words([word]))[0, ATTRIBUTES.index("norm")]
    return value in learner.vocabulary.values


def test_a_version_knows_the_words_of_all_its_training_texts():
    texts_of = pool(60, words=())  # no pattern hits, so that nothing is learned but what was answered
    words = [set(texts_of[number].doc.words) for number in range(60)]
    first = make_trainer(texts_of).learn(None, snapshot(complete(texts_of, range(5)), answers=5))
    learned = set().union(*words[:5])
    assert all(knows(first, word) for word in learned)
    new = next(number for number in range(5, 60) if not words[number] <= learned)
    word = min(words[new] - learned)
    assert not knows(first, word)
    data = snapshot(complete(texts_of, [*range(5), new]), learned=5, answers=6)
    second = make_trainer(texts_of).learn(first, data)
    assert knows(second, word)
    assert all(knows(second, word) for word in learned)
    assert not knows(first, word)


def test_training_from_scratch_does_not_depend_on_the_version_before():
    texts_of = pool(60)
    known = complete(texts_of, range(20))
    one, two = (make_trainer(texts_of).learn(None, snapshot(known, answers=answers)) for answers in (1, 2))
    for from_scratch in (False, True):
        data = snapshot(known, from_scratch=from_scratch, learned=20, answers=21)
        found = {digest(make_trainer(texts_of).learn(before, data)) for before in (one, two)}
        assert len(found) == (1 if from_scratch else 2)


def test_training_can_be_stopped_at_any_step():
    texts_of = pool(60)
    trainer, data = make_trainer(texts_of), snapshot(complete(texts_of, range(20)))
    steps = []
    whole = trainer.learn(None, data, lambda: steps.append(None))
    assert len(steps) == 104  # 100 for a version from scratch, and one per five texts
    for last in (1, 50, len(steps)):
        left = iter(range(last - 1))
        with pytest.raises(StopIteration):
            trainer.learn(None, data, lambda left=left: next(left))
    assert digest(trainer.learn(None, data)) == digest(whole)


def test_more_answers_are_trained_on_for_more_steps():
    texts_of = pool(60)
    known = complete(texts_of, range(20))
    before = make_trainer(texts_of).learn(None, snapshot(known))
    found = [
        digest(make_trainer(texts_of).learn(before, snapshot(known, learned=learned, answers=40)))
        for learned in (39, 38, 30, 25)
    ]
    assert len(set(found[:3])) == 3
    assert found[2] == found[3]  # the maximum number of steps


def test_training_from_scratch_forgets_undone_answers():
    texts_of = pool(60)
    wrong = make_trainer(texts_of).learn(None, snapshot(complete(texts_of, range(5, 20))))
    data = complete(texts_of, range(6, 20))
    trainer = make_trainer(texts_of)
    assert digest(trainer.learn(wrong, snapshot(data, from_scratch=True))) == digest(
        trainer.learn(None, snapshot(data))
    )


def test_complete_texts_are_learned():
    texts_of = pool(120, ())
    learner = None
    trainer = make_trainer(texts_of)
    for version in range(1, 8):
        counts = {"learned": 10 * (version - 1), "answers": 10 * version}
        learner = trainer.learn(learner, snapshot(complete(texts_of, range(80)), **counts))
    held_out = [texts_of[number].doc for number in range(80, 120)]
    found = [tuple((s.start_char, s.end_char, s.label) for s in spans) for spans in learner.predict(held_out)]
    right = sum(spans == gold(doc.text) for spans, doc in zip(found, held_out, strict=True))
    assert right >= 36


def test_hits_are_weighted_by_the_reliability_of_their_pattern():
    trainer = make_trainer(pool(40, ("leeks", "week")))
    data = snapshot(reliabilities={"week": 0.1})
    weak = list(trainer._make_weak_targets(data, set()))
    beliefs = {belief.span.text: belief.probability for target in weak for belief in target.beliefs}
    assert beliefs == {"leeks": 0.8, "week": 0.1}
    assert all(target.weight == WEAK_WEIGHT and not target.rules_out for target in weak)
    names = {target.doc.text for target in weak}
    assert not list(
        trainer._make_weak_targets(data, names)
    )  # of texts that were answered about, answers tell


def test_with_patterns_alone_most_words_are_no_entities():
    texts_of = pool(80, ("leeks", "kale"))
    learner = make_trainer(texts_of).learn(None, snapshot())
    expected = sum(
        span.score or 0
        for one in learner.probable_spans([t.doc for t in texts_of.texts], 0.01)
        for span in one.spans
    )
    words = sum(len(text.doc) for text in texts_of.texts)
    hits = sum(len(text.hits) for text in texts_of.texts)
    assert hits / 2 < expected < words / 5


def test_if_every_text_has_a_hit_the_words_next_to_it_are_no_entities():
    texts_of = pool(40, ("leeks", "kale", "week", "rained", "Slugs", "and", "Planted"))
    assert all(text.hits for text in texts_of.texts)
    learner = make_trainer(texts_of).learn(None, snapshot())
    derivations = learner.derivations([text.doc for text in texts_of.texts])
    hit, other = [], []
    for text, item in zip(texts_of.texts, derivations, strict=True):
        spans = {(match.start, match.end) for match in text.hits}
        for token in range(len(text.doc)):
            probability = item.span_probability(token, token + 1, "PLANT")
            (hit if (token, token + 1) in spans else other).append(probability)
    assert np.mean(hit) > 0.5
    assert np.mean(other) < 0.2


def test_rejected_spans_and_similar_ones_become_less_probable():
    """Rejecting a span does not make longer ones, or the same one elsewhere, more probable."""
    texts_of = pool(80, ("leeks", "week"))
    trainer = make_trainer(texts_of)
    first = trainer.learn(None, snapshot())
    places = [
        (text.doc, place)
        for text in texts_of.texts
        for place, word in enumerate(text.doc.words)
        if word == "week"
    ]

    def share(learner, doc, place):
        exact = next(iter(learner.derivations([doc])))
        return sum(
            exact.span_probability(start, end, "PLANT")
            for start in range(place + 1)
            for end in range(place + 1, len(doc) + 1)
        )

    asked, other = places[:8], places[8:]
    data = [Target(doc, (), frozenset(), (doc.span(place, place + 1, "PLANT"),)) for doc, place in asked]
    learner = first
    for version in range(2, 6):
        learner = trainer.learn(learner, snapshot(data, {"week": 0.1}, answers=version, learned=version - 1))
    before = np.mean([share(first, *place) for place in other])
    after = np.mean([share(learner, *place) for place in other])
    assert after < before / 2


def test_what_the_start_model_knew_is_rehearsed():
    """It knows plants; then only pests are asked about, in texts without plant annotations."""
    texts_of = pool(100, ())
    start = None
    for version in range(1, 6):
        start = make_trainer(texts_of).learn(
            start, snapshot(complete(texts_of, range(60)), answers=version, learned=version - 1)
        )
    plan = SessionPlan("teach", ("PLANT", "PEST"), blank=False)
    both = with_labels(start, plan.labels, match_features=None)
    data = [
        Target(
            text.doc,
            (text.doc.span(0, 1, "PEST"),) if text.doc.words[0] == "Slugs" else (),
            frozenset({"PEST"}),
        )
        for text in texts_of.texts[:40]
    ]

    def f1(**options):
        trainer = IncrementalTrainer(plan, texts_of, Lattice(), start=both, **options)
        learner = None
        for version in range(1, 6):
            learner = trainer.learn(learner, snapshot(data, answers=version, learned=version - 1))
        right = found = known = 0
        for text in texts_of.texts[60:]:
            spans = {
                (s.start_char, s.end_char, s.label)
                for s in learner.predict([text.doc])[0]
                if s.label == "PLANT"
            }
            right, found, known = (
                right + len(spans & set(gold(text.doc.text))),
                found + len(spans),
                known + len(gold(text.doc.text)),
            )
        pests = sum(
            learner.predict([text.doc])[0][:1] != []
            for text in texts_of.texts[60:]
            if "Slugs" in text.doc.text
        )
        return 2 * right / (found + known), pests

    kept, pests = f1(rehearsal=Distillation(), known_labels=("PLANT",))
    assert kept > 0.8
    assert pests >= 6


def test_weight_decay_pulls_towards_the_start_model():
    texts_of = pool(20, ())
    start = make_trainer(texts_of).learn(None, snapshot(complete(texts_of, range(6))))

    def zero_loss(scores, targets):
        return 0.0, np.zeros_like(scores.closed), np.zeros_like(scores.open)

    def train(**options):
        trainer = IncrementalTrainer(PLAN, texts_of, zero_loss, start=start, settings=SMALL, **options)
        return trainer.learn(None, snapshot(complete(texts_of, range(3))))

    np.testing.assert_allclose(train(anchor=start.weights).weights.flat, start.weights.flat, atol=1e-6)
    assert np.abs(train().weights.flat).sum() < 0.99 * np.abs(start.weights.flat).sum()


@pytest.mark.parametrize("start", [None, "same"])
def test_without_targets_the_model_does_not_change(start):
    texts_of = pool(10, ())
    base = make_trainer(texts_of).learn(None, snapshot(complete(texts_of, range(3)))) if start else None
    trainer = make_trainer(texts_of, start=base)
    one, two = (trainer.learn(None, snapshot(answers=answers)) for answers in (1, 2))
    assert digest(one) == digest(two)
    if base is not None:
        assert digest(one) == digest(base)

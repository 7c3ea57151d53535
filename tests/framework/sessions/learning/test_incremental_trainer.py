"""What a version learns from, and that it is a function of that alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nerture.core.learner.resize_labels import grown
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
    """Complete texts, as answers make them."""
    found = []
    for number in numbers:
        doc = texts_of[number].doc
        spans = tuple(doc.char_span(*mark) for mark in gold(doc.text))
        found.append(Target(doc, spans, frozenset({"PLANT"})))
    return tuple(found)


def snapshot(targets=(), reliabilities=None, **counts):
    return TrainingSnapshot(tuple(targets), reliabilities or {}, 0.8, **counts)


def learning(texts_of, **options):
    return IncrementalTrainer(PLAN, texts_of, Lattice(), settings=SMALL, **options)


def digest(learner):
    return learner.weights.flat.tobytes()


def test_a_version_is_a_function_of_what_it_is_given():
    texts_of = pool(60)
    said = snapshot(complete(texts_of, range(20)))
    first = learning(texts_of).learn(None, said)
    kept = digest(first)
    second = learning(texts_of).learn(first, said)
    assert digest(first) == kept  # the version before is left as it is
    teacher = learning(pool(60))
    again = teacher.learn(None, said)
    assert digest(again) == kept
    later = replace(said, events=100)  # when it was taken does not matter
    assert digest(teacher.learn(again, later)) == digest(second)
    assert digest(learning(texts_of).learn(first, replace(said, answers=3, learned=2))) != digest(second)


def knows(learner, word):
    value = learner.attributes(Doc.from_words([word]))[0, ATTRIBUTES.index("norm")]
    return value in learner.vocabulary.values


def test_a_version_knows_the_words_of_what_it_and_those_before_it_learned_from():
    texts_of = pool(60, words=())  # no pattern hits, so that nothing is learned but what was answered
    words = [set(texts_of[number].doc.words) for number in range(60)]
    first = learning(texts_of).learn(None, snapshot(complete(texts_of, range(5)), answers=5))
    learned = set().union(*words[:5])
    assert all(knows(first, word) for word in learned)
    new = next(number for number in range(5, 60) if not words[number] <= learned)
    word = min(words[new] - learned)
    assert not knows(first, word)
    said = snapshot(complete(texts_of, [*range(5), new]), learned=5, answers=6)
    second = learning(texts_of).learn(first, said)
    assert knows(second, word)
    assert all(knows(second, word) for word in learned)
    assert not knows(first, word)


def test_what_begins_afresh_owes_nothing_to_the_version_before():
    texts_of = pool(60)
    known = complete(texts_of, range(20))
    one, two = (learning(texts_of).learn(None, snapshot(known, answers=answers)) for answers in (1, 2))
    for from_scratch in (False, True):
        said = snapshot(known, from_scratch=from_scratch, learned=20, answers=21)
        found = {digest(learning(texts_of).learn(before, said)) for before in (one, two)}
        assert len(found) == (1 if from_scratch else 2)


def test_learning_can_be_ended_at_any_step():
    texts_of = pool(60)
    teacher, said = learning(texts_of), snapshot(complete(texts_of, range(20)))
    steps = []
    whole = teacher.learn(None, said, lambda: steps.append(None))
    assert len(steps) == 104  # 100 for a version that begins afresh, and one for each five texts
    for last in (1, 50, len(steps)):
        left = iter(range(last - 1))
        with pytest.raises(StopIteration):
            teacher.learn(None, said, lambda left=left: next(left))
    assert digest(teacher.learn(None, said)) == digest(whole)


def test_more_answers_at_once_are_learned_from_longer():
    texts_of = pool(60)
    known = complete(texts_of, range(20))
    before = learning(texts_of).learn(None, snapshot(known))
    found = [
        digest(learning(texts_of).learn(before, snapshot(known, learned=learned, answers=40)))
        for learned in (39, 38, 30, 25)
    ]
    assert len(set(found[:3])) == 3
    assert found[2] == found[3]  # so many steps are the most


def test_after_an_answer_was_taken_back_nothing_of_it_is_left():
    texts_of = pool(60)
    wrong = learning(texts_of).learn(None, snapshot(complete(texts_of, range(5, 20))))
    said = complete(texts_of, range(6, 20))
    teacher = learning(texts_of)
    assert digest(teacher.learn(wrong, snapshot(said, from_scratch=True))) == digest(
        teacher.learn(None, snapshot(said))
    )


def test_complete_texts_are_learned():
    texts_of = pool(120, ())
    learner = None
    teacher = learning(texts_of)
    for version in range(1, 8):
        counts = {"learned": 10 * (version - 1), "answers": 10 * version}
        learner = teacher.learn(learner, snapshot(complete(texts_of, range(80)), **counts))
    held_out = [texts_of[number].doc for number in range(80, 120)]
    found = [tuple((s.start_char, s.end_char, s.label) for s in spans) for spans in learner.predict(held_out)]
    right = sum(spans == gold(doc.text) for spans, doc in zip(found, held_out, strict=True))
    assert right >= 36


def test_hits_are_believed_as_far_as_their_record_allows():
    teacher = learning(pool(40, ("leeks", "week")))
    said = snapshot(reliabilities={"week": 0.1})
    weak = list(teacher._weak(said, set()))
    beliefs = {belief.span.text: belief.probability for target in weak for belief in target.beliefs}
    assert beliefs == {"leeks": 0.8, "week": 0.1}
    assert all(target.weight == WEAK_WEIGHT and not target.rules_out for target in weak)
    names = {target.doc.text for target in weak}
    assert not list(teacher._weak(said, names))  # of texts that were answered about, answers tell


def test_patterns_alone_make_a_model_that_holds_most_words_to_be_nothing():
    texts_of = pool(80, ("leeks", "kale"))
    learner = learning(texts_of).learn(None, snapshot())
    expected = sum(
        span.score or 0
        for one in learner.probable_spans([t.doc for t in texts_of.texts], 0.01)
        for span in one.spans
    )
    words = sum(len(text.doc) for text in texts_of.texts)
    hits = sum(len(text.hits) for text in texts_of.texts)
    assert hits / 2 < expected < words / 5


def test_where_every_text_has_a_hit_the_words_beside_it_are_held_to_be_nothing():
    texts_of = pool(40, ("leeks", "kale", "week", "rained", "Slugs", "and", "Planted"))
    assert all(text.hits for text in texts_of.texts)
    learner = learning(texts_of).learn(None, snapshot())
    exact = learner.derivations([text.doc for text in texts_of.texts])
    hit, beside = [], []
    for text, one in zip(texts_of.texts, exact, strict=True):
        spans = {(match.start, match.end) for match in text.hits}
        for token in range(len(text.doc)):
            chance = one.span_probability(token, token + 1, "PLANT")
            (hit if (token, token + 1) in spans else beside).append(chance)
    assert np.mean(hit) > 0.5
    assert np.mean(beside) < 0.2


def test_rejected_spans_and_their_like_become_less_probable():
    """Rejecting must not make longer spans, or the same one elsewhere, more probable."""
    texts_of = pool(80, ("leeks", "week"))
    teacher = learning(texts_of)
    first = teacher.learn(None, snapshot())
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
    said = [Target(doc, (), frozenset(), (doc.span(place, place + 1, "PLANT"),)) for doc, place in asked]
    learner = first
    for version in range(2, 6):
        learner = teacher.learn(learner, snapshot(said, {"week": 0.1}, answers=version, learned=version - 1))
    before = np.mean([share(first, *place) for place in other])
    after = np.mean([share(learner, *place) for place in other])
    assert after < before / 2


def test_what_the_first_model_knew_is_rehearsed():
    """It knows plants; then only pests are asked about, in texts where plants are unknown."""
    texts_of = pool(100, ())
    start = None
    for version in range(1, 6):
        start = learning(texts_of).learn(
            start, snapshot(complete(texts_of, range(60)), answers=version, learned=version - 1)
        )
    plan = SessionPlan("teach", ("PLANT", "PEST"), blank=False)
    both = grown(start, plan.labels, match_features=None)
    said = [
        Target(
            text.doc,
            (text.doc.span(0, 1, "PEST"),) if text.doc.words[0] == "Slugs" else (),
            frozenset({"PEST"}),
        )
        for text in texts_of.texts[:40]
    ]

    def f1(**options):
        teacher = IncrementalTrainer(plan, texts_of, Lattice(), start=both, **options)
        learner = None
        for version in range(1, 6):
            learner = teacher.learn(learner, snapshot(said, answers=version, learned=version - 1))
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

    kept, pests = f1(rehearsal=Distillation(), knows=("PLANT",))
    assert kept > 0.8
    assert pests >= 6


def test_decay_pulls_a_session_to_the_model_that_it_started_with():
    texts_of = pool(20, ())
    start = learning(texts_of).learn(None, snapshot(complete(texts_of, range(6))))

    def still(scores, targets):
        return 0.0, np.zeros_like(scores.closed), np.zeros_like(scores.open)

    def taught(**options):
        teacher = IncrementalTrainer(PLAN, texts_of, still, start=start, settings=SMALL, **options)
        return teacher.learn(None, snapshot(complete(texts_of, range(3))))

    np.testing.assert_allclose(taught(anchor=start.weights).weights.flat, start.weights.flat, atol=1e-6)
    assert np.abs(taught().weights.flat).sum() < 0.99 * np.abs(start.weights.flat).sum()


@pytest.mark.parametrize("start", [None, "same"])
def test_with_nothing_to_learn_from_the_model_stays(start):
    texts_of = pool(10, ())
    base = learning(texts_of).learn(None, snapshot(complete(texts_of, range(3)))) if start else None
    teacher = learning(texts_of, start=base)
    one, two = (teacher.learn(None, snapshot(answers=answers)) for answers in (1, 2))
    assert digest(one) == digest(two)
    if base is not None:
        assert digest(one) == digest(base)

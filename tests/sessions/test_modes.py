"""What each mode asks, and what the answers are taken to say."""

from __future__ import annotations

import numpy as np
import pytest

from nerture.core.annotations.record import Record
from nerture.core.errors import Origin
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.plugins.sorters import Uncertain
from nerture.sessions.answers.question import Answer
from nerture.sessions.live.state import SessionState
from nerture.sessions.log.events import Answered, Asked
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool

from .conftest import Words, gold, pool, records, texts


def told(count, label="PLANT"):
    """Complete annotations of the first texts."""
    found = []
    for text in texts(count):
        doc = Doc(text)
        spans = tuple(doc.char_span(start, end, label) for start, end, _ in gold(text))
        found.append(Target(doc, spans, True, origin=Origin("earlier")))
    return found


def offered(question):
    return [(span.start_char, span.end_char, span.label) for span in question.spans]


def drain(play, answer=None):
    """Ask until nothing is left; return the questions."""
    asked = []
    while (question := play.ask()) is not None:
        asked.append(question)
        (answer or play.answer)(question)
    return asked


def test_manual_shows_every_text_once_in_order(play):
    session = play("manual", texts_of=pool(12, ("leeks",)))
    asked = drain(session)
    assert [question.text for question in asked] == texts(12)
    assert all(question.kind == "text" for question in asked)
    assert session.state.standing().remaining == 0
    said = {
        target.doc.text: tuple((s.start_char, s.end_char, s.label) for s in target.spans)
        for target in session.state.learnable()
    }
    assert said == {text: gold(text) for text in texts(12)}


def test_match_asks_about_every_hit_and_keeps_the_patterns_records(play):
    session = play("match", texts_of=pool(30, ("leeks", "week")))
    wanted = [(t, w) for t in texts(30) for w in t.split() if w in ("leeks", "week")]
    asked = drain(session)
    assert [(q.text, q.text[q.spans[0].start_char : q.spans[0].end_char]) for q in asked] == wanted
    leeks = sum(word == "leeks" for _, word in wanted)
    assert session.state.records.counts("leeks") == (leeks, 0)
    assert session.state.records.counts("week") == (0, len(wanted) - leeks)
    assert session.state.records.reliability("leeks") > 0.85 > 0.5 > session.state.records.reliability("week")
    assert asked[-1].record is not None


def test_correct_offers_what_the_model_finds(play):
    session = play("correct", texts_of=pool(25), learn_every=5)
    session.run(25)
    known = {question.version for question in session.state.ledger.questions.values()}
    assert len(known) > 2
    question = list(session.state.ledger.questions.values())[-1]
    assert question.version == max(known)
    assert session.state.standing().complete_texts == 25


def test_gold_offers_the_best_analysis_that_agrees_with_what_is_known():
    doc = Doc(texts(1)[0])
    place = doc.char_span(*gold(doc.text)[0])
    partial = Target(doc, (place,), frozenset(), origin=Origin("clicks"))
    state = SessionState(SessionPlan("gold", ("PLANT",)), pool(10), told=[partial])
    question = state.propose("ann", 0.0)
    assert question.text == doc.text
    assert offered(question) == list(gold(doc.text))
    assert state.standing().remaining == 1


def test_gold_keeps_to_answers_whatever_the_model_thinks(play, small_learner):
    doc = Doc(texts(1)[0])
    rejected = doc.span(0, 1, "PLANT")
    accepted = doc.span(2, 4, "PLANT")
    partial = Target(doc, (accepted,), frozenset(), (rejected,))
    session = play("gold", texts_of=pool(10), told=[partial])
    rng = np.random.default_rng(0)
    for _ in range(5):
        small_learner.weights.flat[:] = rng.normal(0, 0.3, small_learner.weights.flat.shape)
        outlook = session.state.look(small_learner, 1, session.state.lesson())
        found = {(doc.char_span(*span).start, doc.char_span(*span).end)
                 for span in offered(session.state.propose("ann", 0.0, outlook))}  # fmt: skip
        assert (2, 4) in found
        assert (0, 1) not in found


def test_review_begins_where_opinions_are_furthest_apart():
    one, two, three = (Doc(text) for text in texts(3))

    def said(doc, *spans):
        return Target(doc, tuple(doc.span(*span, "PLANT") for span in spans), True, origin=Origin("a"))

    opinions = [
        said(one, (2, 3)), said(one, (2, 3), (3, 4)), said(one, (2, 3)),
        said(two, (0, 1)), said(two, (4, 5)),
        said(three), said(three),
    ]  # fmt: skip
    state = SessionState(SessionPlan("review", ("PLANT",)), pool(5), told=opinions)
    first = state.propose("ann", 0.0)
    assert first.text == two.text
    assert first.reason == "review"
    state.apply(Asked(first, "ann", 100.0))
    second = state.propose("ann", 0.0)
    assert second.text == one.text
    assert offered(second) == [(one.span(2, 3, "A").start_char, one.span(2, 3, "A").end_char, "PLANT")]
    assert state.standing().remaining == 2
    state.apply(Asked(second, "ann", 100.0))
    assert state.propose("ann", 0.0) is None


def test_review_goes_on_with_what_the_model_holds_least_probable(play, small_learner):
    session = play("review", texts_of=pool(8), told=told(8))
    outlook = session.state.look(small_learner, 1, session.state.lesson())
    docs = [session.pool[number].doc for number in range(8)]
    masses = [
        one.log_mass(session.state.known.told[doc.text][0]) / len(doc)
        for doc, one in zip(docs, small_learner.derivations(docs), strict=True)
    ]
    session.outlook = outlook
    asked = [question.text for question in drain(session)]
    assert asked == [docs[number].text for number in np.argsort(masses, kind="stable")]


class TestRetype:
    """Three surfaces; "bank" depends on where it stands."""

    TEXTS = ("The bank of the river .", "A bank with money .", "Visit Kent .", "Kent again .", "Kent, far .",
             "Old Bonn .")  # fmt: skip
    PLACES = ((1, 2), (1, 2), (1, 2), (0, 1), (0, 1), (1, 2))

    @pytest.fixture
    def state(self):
        rows = [Record(text, Origin("t", number)) for number, text in enumerate(self.TEXTS)]
        known = [
            Target(Doc(text), (Doc(text).span(*place, "PLACE"),), True)
            for text, place in zip(self.TEXTS, self.PLACES, strict=True)
        ]
        plan = SessionPlan("retype", ("PLACE",), subtypes=("CITY", "COUNTY", "SHORE"))
        return SessionState(plan, Pool(rows, lambda record: Doc(record.text)), told=known)

    def answers(self, state, labels):
        asked = []
        while (question := state.propose("ann", 0.0)) is not None:
            state.apply(Asked(question, "ann", 100.0))
            span = question.spans[0]
            label = labels[len(asked)]
            spans = ((span.start_char, span.end_char, label),) if label else None
            verdict = "accept" if label else "reject"
            answer = Answer(str(len(asked)), question.id, verdict, "ann", spans, flagged=label == "depends")
            if label == "depends":
                answer = Answer(str(len(asked)), question.id, "ignore", "ann", flagged=True)
            state.apply(Answered(state.check(answer)))
            asked.append(question)
        return asked

    def test_one_question_settles_all_places_of_a_surface(self, state):
        assert state.standing().remaining == 3
        asked = self.answers(state, ["COUNTY", "depends", "CITY", "SHORE"])
        assert [question.text for question in asked] == [
            "Visit Kent .", "The bank of the river .", "Old Bonn .", "A bank with money .",
        ]  # fmt: skip
        assert asked[0].labels == ("CITY", "COUNTY", "SHORE")
        labels = {t.doc.text: [s.label for s in t.spans] for t in state.learnable()}
        assert labels == {"Visit Kent .": ["COUNTY"], "Kent again .": ["COUNTY"], "Kent, far .": ["COUNTY"],
                          "Old Bonn .": ["CITY"], "A bank with money .": ["SHORE"]}  # fmt: skip
        assert all(target.complete == {"CITY", "COUNTY", "SHORE"} for target in state.learnable())

    def test_a_flagged_answer_says_what_its_own_place_is_and_no_more(self, state):
        question = state.propose("ann", 0.0)
        state.apply(Asked(question, "ann", 100.0))
        (span,) = question.spans
        spans = ((span.start_char, span.end_char, "COUNTY"),)
        state.apply(Answered(Answer("1", question.id, "accept", "ann", spans, flagged=True)))
        labels = {t.doc.text: [s.label for s in t.spans] for t in state.learnable()}
        assert labels == {question.text: ["COUNTY"]}
        assert state.standing().remaining == 4

    def test_what_is_rejected_is_no_entity(self, state):
        self.answers(state, [None, "CITY", "CITY"])
        kent = [target for target in state.learnable() if "Kent" in target.doc.text]
        assert len(kent) == 3
        assert all(target.spans == () and target.complete for target in kent)


class TestTeach:
    def test_span_only_asks_about_spans(self, play):
        session = play(ask="span", learn_every=6)
        session.run(20)
        assert {question.kind for question in session.state.ledger.questions.values()} == {"span"}

    def test_text_only_asks_about_texts(self, play):
        session = play(ask="text", learn_every=6)
        session.run(20)
        assert {question.kind for question in session.state.ledger.questions.values()} == {"text"}

    def test_nothing_is_asked_twice_nor_after_it_is_settled(self, play):
        session = play(learn_every=6)
        session.run(60)
        complete, spans = set(), set()
        for question, _ in session.state.ledger.standing():
            assert question.text not in complete
            if question.kind == "text":
                complete.add(question.text)
            else:
                key = question.text, *offered(question)
                assert key not in spans
                spans.add(key)
        assert len(complete) > 10

    def test_texts_that_are_complete_already_are_not_asked_about(self, play):
        session = play(texts_of=pool(60, ("leeks",)), probe_share=0.0, told=told(30))
        session.run(40)
        asked = {question.text for question in session.state.ledger.questions.values()}
        assert not asked & set(texts(30))
        assert asked <= set(texts(60))

    def test_a_surface_is_not_asked_about_again_and_again(self, play):
        session = play(ask="span", surface_cap=2, probe_share=0.0, pattern_share=0.0, learn_every=100,
                       blank=False, texts_of=pool(60, ("leeks", "kale", "hosta")))  # fmt: skip
        session.run(6)
        surfaces = [q.text[q.spans[0].start_char : q.spans[0].end_char]
                    for q in session.state.ledger.questions.values()]  # fmt: skip
        assert sorted(surfaces) == ["hosta"] * 2 + ["kale"] * 2 + ["leeks"] * 2

    def test_an_accepted_span_is_shown_in_the_text_question_that_follows(self, play, small_learner):
        session = play(probe_share=0.0)
        text = session.pool[0]
        span = session.state._asker.desk.offered(text, 2, 3, "PLANT")
        question = session.state._asker.desk.question(text, "span", [span], "pattern")
        session.tell(Asked(question, "ann", 100.0))
        session.answer(question, verdict="accept")
        outlook = session.state.look(small_learner, 1, session.state.lesson())
        follow = session.state._asker._text(text, outlook)
        assert follow.reason == "follow-up"
        assert offered(question)[0] in offered(follow)

    def test_without_a_model_the_patterns_are_asked_first(self, play):
        session = play(texts_of=pool(60, ("fennel",)), sorter=Uncertain())
        question = session.ask()
        assert "fennel" in question.text
        assert question.version == 0
        assert question.spans[0].probability is None


def test_repeated_and_empty_texts_are_left_out_of_the_pool():
    rows = [*records(3), *records(3), Record("", Origin("t")), Record("  ", Origin("t"))]
    assert [text.doc.text for text in Pool(rows, lambda record: Doc(record.text)).texts] == texts(3)


def test_hits_that_overlap_give_way_to_the_longest():
    class Both:
        labels = ("PLANT",)

        def __call__(self, doc):
            return [*Words("black", "currants")(doc), *Words("black")(doc)]

    found = Pool([Record("ripe black currants", Origin("t"))], lambda r: Doc(r.text), [Both()])[0]
    assert [(hit.start, hit.end) for hit in found.hits] == [(1, 2), (2, 3)]

"""Verdicts about patterns: logged like other events; patterns with a verdict are not suggested again."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.errors import DataError
from nerture.sessions.answers.question import Answer
from nerture.sessions.log.event_codec import from_log, to_log
from nerture.sessions.log.events import Asked, Learned, PatternJudged, Undone
from nerture.sessions.patterns.pattern_suggestions import NewPattern
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict
from nerture.sessions.plan import SessionPlan
from nerture.sessions.query_strategies.base import QuestionFactory
from nerture.store.records import LoggedEvent

from ....support.plants import PLANTS, Play, pool
from ..live.test_state import picture

SORREL = NewPattern(("sorrel",), "PLANT")
MOVES = st.lists(st.sampled_from(["answer"] * 4 + ["undo", "accept", "reject", "change"]), max_size=40)


def open_suggestions(play):
    """The suggestions without a verdict."""
    play.state.statistics.update(play.state.take_changes(1000))
    return play.state.verdicts.drop_judged(play.state.statistics.suggestions())


def add_verdict(play, pattern, verdict, number):
    play.apply(PatternJudged(pattern, PatternVerdict(f"j{number}", pattern.id, verdict, "ann", play.now)))


@given(st.sampled_from(["teach", "manual"]), MOVES)
@settings(max_examples=40, deadline=None)
def test_patterns_with_a_verdict_never_come_back_and_a_replayed_log_gives_the_same(mode, moves):
    play = Play(SessionPlan(mode, ("PLANT",), ask="text"), pool(40, ("leeks",)))
    judged = {}
    for number, move in enumerate(moves):
        suggested = open_suggestions(play)
        if move == "answer":
            question = play.ask()
            if question is not None:
                play.answer(question)
        elif move == "undo":
            mine = list(play.state.answer_index.answers.values())
            if mine:
                play.apply(Undone(mine[-1].id, "ann"))
        elif move == "change" and judged:
            id, (pattern, verdict) = next(iter(judged.items()))
            judged[id] = pattern, "reject" if verdict == "accept" else "accept"
            add_verdict(play, *judged[id], number)
        elif suggested and move != "change":
            add_verdict(play, suggested[0], move, number)
            judged[suggested[0].id] = suggested[0], move
        assert not {offer.id for offer in open_suggestions(play)} & set(judged)
    verdicts = play.state.verdicts.current_verdicts()
    assert {pattern.id: verdict.verdict for pattern, verdict in verdicts} == {
        id: verdict for id, (_, verdict) in judged.items()
    }
    again = Play(play.state.plan, pool(40, ("leeks",)))
    for event in play.log:
        again.apply(from_log(json_round_trip(to_log(event, 0.0, question_of(play, event), "d"))))
    assert open_suggestions(again) == open_suggestions(play)
    assert [
        (pattern.words, pattern.label, verdict)
        for pattern, verdict in again.state.verdicts.current_verdicts()
    ] == [(pattern.words, pattern.label, verdict) for pattern, verdict in verdicts]
    assert again.state.propose("bob", play.now) == play.state.propose("bob", play.now)


def question_of(play, event):
    return play.state.answer_index.questions[event.question] if isinstance(event, Answer) else None


def json_round_trip(logged):
    """The event as the store gives it back."""
    return LoggedEvent(logged.kind, json.loads(json.dumps(dict(logged.body))), logged.time, logged.question)


def test_suggestions_come_with_answers(play):
    session = play("manual", texts_of=pool(40, ()))
    assert open_suggestions(session) == []
    session.run(20)
    best = open_suggestions(session)
    assert best[0].accepted >= 2
    assert {offer.label for offer in best} == {"PLANT"}
    for answer in list(session.state.answer_index.answers.values()):
        session.apply(Undone(answer.id, "ann"))
    assert open_suggestions(session) == []


def test_the_same_verdict_twice_counts_once_and_the_newest_counts(play):
    session = play("manual", texts_of=pool(4, ()))
    add_verdict(session, SORREL, "accept", 1)
    add_verdict(session, SORREL, "reject", 2)
    add_verdict(session, SORREL, "accept", 1)  # sent again, late
    ((pattern, verdict),) = session.state.verdicts.current_verdicts()
    assert (pattern, verdict.verdict) == (SORREL, "reject")
    assert session.state.verdicts.has_verdict("j1")


def test_held_out_texts_suggest_no_patterns(play):
    session = play("teach", texts_of=pool(60, ()))
    question_factory = QuestionFactory(session.state.plan, session.pool, session.state.answer_index)
    offers = []
    for number in sorted(session.state.probes.held_out):
        question = question_factory.make_question(session.pool[number], "text", (), "probe")
        session.apply(Asked(question, "ann", 100.0))
        session.answer(question)
        offers += open_suggestions(session)
    assert sum(len(answer.spans) for answer in session.state.answer_index.answers.values()) > len(PLANTS)
    assert offers == []


def test_a_verdict_does_not_change_what_is_learned_or_asked(play):
    one, two = (play("teach", texts_of=pool(40), update_every=4) for _ in range(2))
    one.run(6)
    two.run(6)
    add_verdict(two, SORREL, "accept", 1)
    assert picture(one.state, one.pool_predictions) == picture(two.state, two.pool_predictions)
    assert one.state.is_update_due() == two.state.is_update_due()


def test_a_log_without_verdicts_can_be_read():
    answer = {
        "id": "a", "question": "q", "verdict": "accept", "annotator": "ann", "spans": [[0, 4, "PLANT"]],
        "seconds": 1.5, "time": 3.0, "flagged": False,
    }  # fmt: skip
    before = [
        LoggedEvent("answered", answer, 1.0),
        LoggedEvent("undone", {"answer": "a", "annotator": "ann"}, 2.0),
        LoggedEvent("learned", {"version": 1, "events": 2}, 3.0),
    ]
    assert [from_log(logged) for logged in before] == [
        Answer("a", "q", "accept", "ann", ((0, 4, "PLANT"),), 1.5, 3.0),
        Undone("a", "ann"),
        Learned(1, 2),
    ]
    with pytest.raises(DataError, match="expected an event of a known kind, got 'forgotten'"):
        from_log(LoggedEvent("forgotten", {}, 1.0))

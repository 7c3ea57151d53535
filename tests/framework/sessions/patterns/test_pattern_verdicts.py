"""Judged patterns: an event of the log like others; what was judged never comes back by itself."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.errors import DataError
from nerture.sessions.answers.question import Answer
from nerture.sessions.log.event_codec import from_log, to_log
from nerture.sessions.log.events import Answered, Asked, Learned, PatternJudged, Undone
from nerture.sessions.patterns.pattern_suggestions import NewPattern
from nerture.sessions.patterns.pattern_verdicts import PatternVerdict
from nerture.sessions.plan import SessionPlan
from nerture.sessions.query_strategies.base import QuestionFactory
from nerture.store.records import LoggedEvent

from ....support.plants import PLANTS, Play, pool
from ..live.test_state import picture

SORREL = NewPattern(("sorrel",), "PLANT")
MOVES = st.lists(st.sampled_from(["answer"] * 4 + ["undo", "accept", "reject", "change"]), max_size=40)


def left(play):
    """The suggestions that nobody has judged."""
    play.state.findings.read(play.state.changes(1000))
    return play.state.judgements.left(play.state.findings.suggestions())


def judge(play, pattern, verdict, number):
    play.tell(PatternJudged(pattern, PatternVerdict(f"j{number}", pattern.id, verdict, "ann", play.now)))


@given(st.sampled_from(["teach", "manual"]), MOVES)
@settings(max_examples=40, deadline=None)
def test_judged_ones_never_come_back_and_a_replayed_log_gives_the_same(mode, moves):
    play = Play(SessionPlan(mode, ("PLANT",), ask="text"), pool(40, ("leeks",)))
    judged = {}
    for number, move in enumerate(moves):
        suggested = left(play)
        if move == "answer":
            question = play.ask()
            if question is not None:
                play.answer(question)
        elif move == "undo":
            mine = list(play.state.answer_index.answers.values())
            if mine:
                play.tell(Undone(mine[-1].id, "ann"))
        elif move == "change" and judged:
            id, (pattern, verdict) = next(iter(judged.items()))
            judged[id] = pattern, "reject" if verdict == "accept" else "accept"
            judge(play, *judged[id], number)
        elif suggested and move != "change":
            judge(play, suggested[0], move, number)
            judged[suggested[0].id] = suggested[0], move
        assert not {offer.id for offer in left(play)} & set(judged)
    standing = play.state.judgements.standing()
    assert {pattern.id: judgement.verdict for pattern, judgement in standing} == {
        id: verdict for id, (_, verdict) in judged.items()
    }
    again = Play(play.state.plan, pool(40, ("leeks",)))
    for event in play.log:
        again.tell(from_log(json_round_trip(to_log(event, 0.0, question_of(play, event), "d"))))
    assert left(again) == left(play)
    assert [(one.words, one.label, two) for one, two in again.state.judgements.standing()] == [
        (one.words, one.label, two) for one, two in standing
    ]
    assert again.state.propose("bob", play.now) == play.state.propose("bob", play.now)


def question_of(play, event):
    answer = getattr(event, "answer", None)
    return play.state.answer_index.questions.get(getattr(answer, "question", None))


def json_round_trip(logged):
    """The event as the store gives it back."""
    return LoggedEvent(logged.kind, json.loads(json.dumps(dict(logged.body))), logged.time, logged.question)


def test_suggestions_come_with_answers(play):
    session = play("manual", texts_of=pool(40, ()))
    assert left(session) == []
    session.run(20)
    best = left(session)
    assert best[0].accepted >= 2
    assert {offer.label for offer in best} == {"PLANT"}
    for answer in list(session.state.answer_index.answers.values()):
        session.tell(Undone(answer.id, "ann"))
    assert left(session) == []


def test_the_same_judgement_twice_counts_once_and_the_newest_counts(play):
    session = play("manual", texts_of=pool(4, ()))
    judge(session, SORREL, "accept", 1)
    judge(session, SORREL, "reject", 2)
    judge(session, SORREL, "accept", 1)  # sent again, late
    ((pattern, judgement),) = session.state.judgements.standing()
    assert (pattern, judgement.verdict) == (SORREL, "reject")
    assert session.state.judgements.knows("j1")


def test_nothing_is_suggested_by_texts_that_judge_the_model(play):
    session = play("teach", texts_of=pool(60, ()))
    desk = QuestionFactory(session.state.plan, session.pool, session.state.answer_index)
    offers = []
    for number in sorted(session.state.probes.numbers):
        question = desk.question(session.pool[number], "text", (), "probe")
        session.tell(Asked(question, "ann", 100.0))
        session.answer(question)
        offers += left(session)
    assert sum(len(answer.spans) for answer in session.state.answer_index.answers.values()) > len(PLANTS)
    assert offers == []


def test_a_judgement_does_not_change_what_is_learned_or_asked(play):
    one, two = (play("teach", texts_of=pool(40), update_every=4) for _ in range(2))
    one.run(6)
    two.run(6)
    judge(two, SORREL, "accept", 1)
    assert picture(one.state, one.pool_predictions) == picture(two.state, two.pool_predictions)
    assert one.state.due() == two.state.due()


def test_a_log_from_before_there_were_judgements_is_read_as_it_was():
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
        Answered(Answer("a", "q", "accept", "ann", ((0, 4, "PLANT"),), 1.5, 3.0)),
        Undone("a", "ann"),
        Learned(1, 2),
    ]
    with pytest.raises(DataError, match="an event 'forgotten', which this nerture does not know"):
        from_log(LoggedEvent("forgotten", {}, 1.0))

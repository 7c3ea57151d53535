"""When a version begins afresh, compared with what a plain reading of the events says."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nerture.core.text.doc import Doc
from nerture.sessions.answers.question import Answer, Question
from nerture.sessions.learning import refit_schedule as refits
from nerture.sessions.learning.refit_schedule import is_refit_due
from nerture.sessions.log.answer_index import Ledger
from nerture.sessions.log.events import Answered, Asked, Learned, Undone


def question(number):
    doc = Doc(f"Text {number} .")
    tokens = tuple(map(tuple, doc.offsets.tolist()))
    return Question(doc.text, tokens, "text", (), ("PLANT",), "teach", "source")


class Plain:
    """Keeps every version's answers as a set, and all that was ever said and taken back."""

    def __init__(self):
        self.standing, self.told, self.learned, self.refitted = [], [], None, 0

    def answer(self, name):
        self.standing.append(name)
        self.told.append(name)

    def take_back_the_last(self):
        self.told.append(self.standing[-1])
        return self.standing.pop()

    def begins_afresh(self):
        return self.learned is not None and not self.learned <= set(self.standing)

    def learn(self, standing, afresh):
        self.learned = set(standing)
        if afresh:
            self.refitted = len(standing)

    def refits(self, at_end):
        if self.learned is None or self.begins_afresh():
            return False
        more = range(self.refitted + 1, len(self.learned) + 1)
        return bool({5, 10, 20} & set(more)) or len(more) >= (1 if at_end else 20) or bool(at_end and more)


moves = st.lists(
    st.sampled_from(["answer", "answers", "undo", "begin", "end", "learn", "learn"]), max_size=40
)


@given(moves)
@example(["begin", "answer", "undo", "end"])
def test_the_ledger_says_when_learning_begins_afresh(moves):
    """One version may be under way while others are made, and then know less than they do."""
    ledger, plain, numbers, under_way = Ledger(), Plain(), itertools.count(), None

    def end(events, standing, told, afresh):
        assert ledger.lost_since(events) == (not set(standing) <= set(plain.standing))
        assert ledger.changed_since(events) == (told != plain.told)
        plain.learn(standing, afresh)
        ledger.apply(Learned(ledger.version + 1, events, afresh=afresh))
        assert ledger.refitted == plain.refitted
        assert ledger.learned_from() == len(standing)

    for move in moves:
        if move in {"answer", "answers"}:
            for number in itertools.islice(numbers, 1 if move == "answer" else 17):
                asked = question(number)
                ledger.apply(Asked(asked, "ann", 1e9))
                ledger.apply(Answered(Answer(f"a{number}", asked.id, "accept", "ann")))
                plain.answer(f"a{number}")
        elif move == "undo" and plain.standing:
            ledger.apply(Undone(plain.take_back_the_last(), "ann"))
        elif move == "begin" and under_way is None:
            under_way = ledger.events, list(plain.standing), list(plain.told), True
        elif move == "end" and under_way is not None:
            end(*under_way)
            under_way = None
        elif move == "learn":
            end(ledger.events, list(plain.standing), list(plain.told), ledger.begins_afresh())
        assert ledger.begins_afresh() == plain.begins_afresh()
        for at_end in (False, True):
            assert is_refit_due(ledger, at_end) == plain.refits(at_end)


def test_a_session_is_made_afresh_now_and_then_and_when_it_ends(play):
    session = play(learn_every=1)
    session.run(26)
    assert session.state.ledger.refitted == 0  # the first version knew of patterns alone
    assert session.state.refits()
    session.learn(afresh=True)
    session.learn()
    assert session.state.ledger.refitted == 26
    assert not session.state.refits()
    assert not session.state.refits(at_end=True)
    session.run(10)
    session.learn()
    assert not session.state.refits()
    assert session.state.refits(at_end=True)
    session.run(10)
    session.learn()
    assert session.state.ledger.refitted == 26
    assert session.state.refits()


def test_a_version_that_knew_what_was_taken_back_is_not_gone_on_from(play):
    session = play(learn_every=1)
    session.run(8)
    session.learn()
    assert session.state.refits()
    session.tell(Undone(next(iter(session.state.ledger.answers)), "ann"))
    assert not session.state.refits()
    assert session.state.lesson().afresh
    session.learn()
    assert session.state.ledger.refitted == 7
    assert not session.state.lesson().afresh


@pytest.mark.parametrize(
    ("answers", "refitted", "due", "due_at_end"),
    [(4, 0, False, True), (5, 0, True, True), (9, 5, False, True), (11, 9, True, True),
     (12, 12, False, False), (21, 19, True, True), (41, 23, False, True), (43, 23, True, True),
     (3, 12, False, False)],
)  # fmt: skip
def test_the_model_is_made_afresh_after_so_many_answers(answers, refitted, due, due_at_end):
    assert refits.is_worth_while(answers, refitted, at_end=False) == due
    assert refits.is_worth_while(answers, refitted, at_end=True) == due_at_end

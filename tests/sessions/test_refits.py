"""When a version begins afresh, compared with what a plain reading of the events says."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.doc import Doc
from nerture.sessions import refits
from nerture.sessions.events import Answered, Asked, Learned, Undone
from nerture.sessions.ledger import Ledger
from nerture.sessions.question import Answer, Question

FIRST = {5, 10, 20, 40}


def question(number):
    doc = Doc(f"Text {number} .")
    tokens = tuple(map(tuple, doc.offsets.tolist()))
    return Question(doc.text, tokens, "text", (), ("PLANT",), "teach", "source")


class Plain:
    """Keeps every version's answers as a set."""

    def __init__(self):
        self.standing, self.touched = [], False
        self.learned, self.refitted = None, 0

    def begins_afresh(self, standing, touched):
        if self.learned is None or not touched or self.learned - set(standing):
            return True
        passed = set(range(self.refitted + 1, len(standing) + 1))
        return bool(passed & FIRST) or len(standing) - self.refitted >= 80

    def learn(self, standing, touched):
        if self.begins_afresh(standing, touched):
            self.refitted = len(standing)
        self.learned = set(standing)

    def rests(self, at_end):
        if self.learned is None or self.touched:
            return False
        return len(self.learned) - self.refitted >= (1 if at_end else 20)


moves = st.lists(
    st.sampled_from(["answer", "answers", "undo", "begin", "end", "learn", "learn"]), max_size=40
)


@given(moves)
def test_the_ledger_says_when_learning_begins_afresh(moves):
    ledger, plain, numbers, under_way = Ledger(), Plain(), itertools.count(), None

    def begin():
        standing = list(plain.standing)
        assert ledger.begins_afresh() == plain.begins_afresh(standing, plain.touched)
        touched, plain.touched = plain.touched, False
        return Learned(ledger.version + 1, ledger.events), standing, touched

    def end(version, standing, touched):
        plain.learn(standing, touched)
        ledger.apply(version)
        assert ledger.refitted == plain.refitted

    for move in moves:
        if move in {"answer", "answers"}:
            for number in itertools.islice(numbers, 1 if move == "answer" else 17):
                asked = question(number)
                ledger.apply(Asked(asked, "ann", 1e9))
                ledger.apply(Answered(Answer(f"a{number}", asked.id, "accept", "ann")))
                plain.standing.append(f"a{number}")
                plain.touched = True
        elif move == "undo" and plain.standing:
            ledger.apply(Undone(plain.standing.pop(), "ann"))
            plain.touched = True
        elif move == "begin" and under_way is None:
            under_way = begin()
        elif move == "end" and under_way is not None:
            end(*under_way)
            under_way = None
        elif move == "learn" and under_way is None:
            end(*begin())
        if under_way is None:
            for at_end in (False, True):
                assert ledger.refit_is_worth_while(at_end) == plain.rests(at_end)


def test_a_session_is_made_afresh_at_rest_and_when_it_ends(play):
    session = play(learn_every=1)
    session.run(25)
    session.learn()
    assert session.state.ledger.refitted == 20
    assert not session.state.rests()
    assert session.state.rests(at_end=True)
    session.run(15)
    session.learn()
    assert session.state.ledger.refitted == 40
    session.run(20)
    session.learn()
    assert session.state.rests()
    assert session.state.lesson().afresh
    session.learn()
    assert session.state.ledger.refitted == 60
    assert not session.state.rests(at_end=True)
    session.ask()
    assert not session.state.rests(at_end=True)


@pytest.mark.parametrize(
    ("answers", "refitted", "due"),
    [(4, 0, False), (5, 0, True), (9, 5, False), (41, 39, True), (41, 40, False), (119, 40, False),
     (120, 40, True), (150, 100, False), (180, 100, True), (3, 12, False)],
)  # fmt: skip
def test_whoever_waits_learning_begins_afresh_now_and_then(answers, refitted, due):
    assert refits.is_due(answers, refitted) == due

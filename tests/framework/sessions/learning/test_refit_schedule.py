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
from nerture.sessions.log.answer_index import AnswerIndex
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

    def knows_undone_answer(self):
        return self.learned is not None and not self.learned <= set(self.standing)

    def learn(self, standing, from_scratch):
        self.learned = set(standing)
        if from_scratch:
            self.refitted = len(standing)

    def refits(self, at_end):
        if self.learned is None or self.knows_undone_answer():
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
    answer_index, plain, numbers, under_way = AnswerIndex(), Plain(), itertools.count(), None

    def end(events, standing, told, from_scratch):
        assert answer_index.lost_since(events) == (not set(standing) <= set(plain.standing))
        assert answer_index.changed_since(events) == (told != plain.told)
        plain.learn(standing, from_scratch)
        answer_index.apply(Learned(answer_index.version + 1, events, from_scratch=from_scratch))
        assert answer_index.refitted == plain.refitted
        assert answer_index.learned_from() == len(standing)

    for move in moves:
        if move in {"answer", "answers"}:
            for number in itertools.islice(numbers, 1 if move == "answer" else 17):
                asked = question(number)
                answer_index.apply(Asked(asked, "ann", 1e9))
                answer_index.apply(Answered(Answer(f"a{number}", asked.id, "accept", "ann")))
                plain.answer(f"a{number}")
        elif move == "undo" and plain.standing:
            answer_index.apply(Undone(plain.take_back_the_last(), "ann"))
        elif move == "begin" and under_way is None:
            under_way = answer_index.events, list(plain.standing), list(plain.told), True
        elif move == "end" and under_way is not None:
            end(*under_way)
            under_way = None
        elif move == "learn":
            end(
                answer_index.events,
                list(plain.standing),
                list(plain.told),
                answer_index.knows_undone_answer(),
            )
        assert answer_index.knows_undone_answer() == plain.knows_undone_answer()
        for at_end in (False, True):
            assert is_refit_due(answer_index, at_end) == plain.refits(at_end)


def test_a_session_is_made_afresh_now_and_then_and_when_it_ends(play):
    session = play(update_every=1)
    session.run(26)
    assert session.state.answer_index.refitted == 0  # the first version knew of patterns alone
    assert session.state.refits()
    session.learn(from_scratch=True)
    session.learn()
    assert session.state.answer_index.refitted == 26
    assert not session.state.refits()
    assert not session.state.refits(at_end=True)
    session.run(10)
    session.learn()
    assert not session.state.refits()
    assert session.state.refits(at_end=True)
    session.run(10)
    session.learn()
    assert session.state.answer_index.refitted == 26
    assert session.state.refits()


def test_a_version_that_knew_what_was_taken_back_is_not_gone_on_from(play):
    session = play(update_every=1)
    session.run(8)
    session.learn()
    assert session.state.refits()
    session.tell(Undone(next(iter(session.state.answer_index.answers)), "ann"))
    assert not session.state.refits()
    assert session.state.snapshot().from_scratch
    session.learn()
    assert session.state.answer_index.refitted == 7
    assert not session.state.snapshot().from_scratch


@pytest.mark.parametrize(
    ("answers", "refitted", "due", "due_at_end"),
    [(4, 0, False, True), (5, 0, True, True), (9, 5, False, True), (11, 9, True, True),
     (12, 12, False, False), (21, 19, True, True), (41, 23, False, True), (43, 23, True, True),
     (3, 12, False, False)],
)  # fmt: skip
def test_the_model_is_made_afresh_after_so_many_answers(answers, refitted, due, due_at_end):
    assert refits.is_worth_while(answers, refitted, at_end=False) == due
    assert refits.is_worth_while(answers, refitted, at_end=True) == due_at_end

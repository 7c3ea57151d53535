"""When a version is trained from scratch, compared with a naive reading of the events."""

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
from nerture.sessions.log.events import Asked, Learned, Undone


def question(number):
    doc = Doc(f"Text {number} .")
    tokens = tuple(map(tuple, doc.offsets.tolist()))
    return Question(doc.text, tokens, "text", (), ("PLANT",), "teach", "source")


class Plain:
    """Keeps the answers of the last version as a set, and the history of answers."""

    def __init__(self):
        self.current, self.history, self.learned, self.refitted = [], [], None, 0

    def answer(self, name):
        self.current.append(name)
        self.history.append(name)

    def undo_last(self):
        self.history.append(self.current[-1])
        return self.current.pop()

    def has_learned_undone_answer(self):
        return self.learned is not None and not self.learned <= set(self.current)

    def learn(self, answers, from_scratch):
        self.learned = set(answers)
        if from_scratch:
            self.refitted = len(answers)

    def is_refit_due(self, at_end):
        if self.learned is None or self.has_learned_undone_answer():
            return False
        more = range(self.refitted + 1, len(self.learned) + 1)
        return bool({5, 10, 20} & set(more)) or len(more) >= (1 if at_end else 20) or bool(at_end and more)


moves = st.lists(
    st.sampled_from(["answer", "answers", "undo", "begin", "end", "learn", "learn"]), max_size=40
)


@given(moves)
@example(["begin", "answer", "undo", "end"])
def test_the_answer_index_says_when_a_refit_is_due(moves):
    """One version may be in training while others are finished, and be trained on fewer answers."""
    answer_index, plain, numbers, in_training = AnswerIndex(), Plain(), itertools.count(), None

    def end(events, answers, history, from_scratch):
        assert answer_index.has_lost_since(events) == (not set(answers) <= set(plain.current))
        assert answer_index.has_changed_since(events) == (history != plain.history)
        plain.learn(answers, from_scratch)
        answer_index.apply(Learned(answer_index.version + 1, events, from_scratch=from_scratch))
        assert answer_index.refitted == plain.refitted
        assert answer_index.learned_from() == len(answers)

    for move in moves:
        if move in {"answer", "answers"}:
            for number in itertools.islice(numbers, 1 if move == "answer" else 17):
                asked = question(number)
                answer_index.apply(Asked(asked, "ann", 1e9))
                answer_index.apply(Answer(f"a{number}", asked.id, "accept", "ann"))
                plain.answer(f"a{number}")
        elif move == "undo" and plain.current:
            answer_index.apply(Undone(plain.undo_last(), "ann"))
        elif move == "begin" and in_training is None:
            in_training = answer_index.events, list(plain.current), list(plain.history), True
        elif move == "end" and in_training is not None:
            end(*in_training)
            in_training = None
        elif move == "learn":
            end(
                answer_index.events,
                list(plain.current),
                list(plain.history),
                answer_index.has_learned_undone_answer(),
            )
        assert answer_index.has_learned_undone_answer() == plain.has_learned_undone_answer()
        for at_end in (False, True):
            assert is_refit_due(answer_index, at_end) == plain.is_refit_due(at_end)


def test_a_session_is_refitted_now_and_then_and_at_its_end(play):
    session = play(update_every=1)
    session.run(26)
    assert session.state.answer_index.refitted == 0  # the first version was trained on patterns alone
    assert session.state.is_refit_due()
    session.learn(from_scratch=True)
    session.learn()
    assert session.state.answer_index.refitted == 26
    assert not session.state.is_refit_due()
    assert not session.state.is_refit_due(at_end=True)
    session.run(10)
    session.learn()
    assert not session.state.is_refit_due()
    assert session.state.is_refit_due(at_end=True)
    session.run(10)
    session.learn()
    assert session.state.answer_index.refitted == 26
    assert session.state.is_refit_due()


def test_training_does_not_continue_from_a_version_with_an_undone_answer(play):
    session = play(update_every=1)
    session.run(8)
    session.learn()
    assert session.state.is_refit_due()
    session.apply(Undone(next(iter(session.state.answer_index.answers)), "ann"))
    assert not session.state.is_refit_due()
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
def test_a_refit_is_due_after_a_number_of_answers(answers, refitted, due, due_at_end):
    assert refits.is_refit_worthwhile(answers, refitted, at_end=False) == due
    assert refits.is_refit_worthwhile(answers, refitted, at_end=True) == due_at_end

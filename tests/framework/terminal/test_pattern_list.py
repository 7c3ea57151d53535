"""Suggested patterns and agreement in the terminal: a list that a key opens, and an offer at the end."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from nerture.errors import DataError, StoreError
from nerture.sessions.answers.agreement import Agreement, Pair
from nerture.terminal.dialogue import Dialogue
from nerture.terminal.keys import LineKeys
from nerture.terminal.pattern_list import PatternList
from nerture.terminal.show import agreed

from ...support.memory_session import suggestion
from .test_dialogue import garden, talk


class Person(LineKeys):
    waits = True


def by_hand(session, lines):
    """Answer as a person who is told what is wrong; return what was printed."""
    printed = io.StringIO()
    Dialogue(
        session, "ada", Person(io.StringIO(lines)), Console(file=printed, color_system=None, width=200)
    ).run()
    return printed.getvalue()


def judged(session):
    return [(" ".join(pattern.words), one.verdict) for pattern, one in session.judged()]


@pytest.fixture
def session():
    made = garden()
    made.suggested = [
        suggestion("sweet peas"),
        suggestion("dill", rejected=1),
        suggestion("bath", "PLACE", 2),
    ]
    return made


def test_a_key_opens_the_list_and_numbers_judge(session):
    printed = talk(session, "p\n1, -3\n\na\nq\n")
    assert "1 sweet peas  PLANT   accepted 3 times, found 7 times more" in printed
    assert "2 dill  PLANT   accepted 3 times, wrong once, found 7 times more" in printed
    assert judged(session) == [("sweet peas", "accept"), ("bath", "reject")]
    assert [one.annotator for one in session.judgements] == ["ada", "ada"]
    assert len(session.log) == 1


def test_what_was_judged_is_numbered_too_and_may_be_changed(session):
    printed = talk(session, "p\n1-2\n-2\n\nq\n")
    assert "2 dill  PLANT   accepted" in printed
    assert judged(session) == [("sweet peas", "accept"), ("dill", "reject")]


def test_the_list_closes_when_all_are_judged_and_opens_again_for_changes(session):
    talk(session, "p\n1-3\na\np\n-3\nq\n")
    assert len(session.log) == 1
    assert dict(judged(session)) == {"sweet peas": "reject", "dill": "accept", "bath": "accept"}


def test_without_suggestions_it_says_where_they_come_from():
    assert "they come from what is accepted twice at least" in talk(garden(), "p\na\nq\n")


@pytest.mark.parametrize("line", ["4", "0", "2-1", "one", "--1", "1 2"])
def test_a_line_with_a_mistake_judges_nothing(session, line):
    with pytest.raises(DataError, match="found"):
        PatternList(session, "ada").judge(f"1, {line}")
    assert session.judged() == []


def test_a_person_is_offered_them_at_the_end(session):
    printed = by_hand(session, "a\nq\n9\n2\n\n")
    assert "Your answers suggest 3 new patterns; what you accept goes to a pattern file." in printed
    assert "found '9'; there are patterns 1 to 3" in printed
    assert judged(session) == [("dill", "accept")]
    offered, told = (
        printed.rindex(words) for words in ("suggest 3 new", "1 answered: 1 accepted, 0 rejected")
    )
    assert offered < told


def test_a_pipe_is_told_of_them_at_the_end_and_not_asked(session):
    printed = talk(session, "q\n1\n")
    assert "Your answers suggest 3 new patterns: the key p shows them" in printed
    assert session.judged() == []


def test_they_are_mentioned_now_and_then_to_a_person():
    from ...support.memory_session import MemorySession, text_question

    session = MemorySession([text_question(f"Text {number}.") for number in range(12)])
    session.suggested = [suggestion(f"plant{number}") for number in range(11)]
    printed = by_hand(session, "a\n" * 10 + "q\n\n")
    assert printed.count("Your answers suggest more than 9 new patterns") == 2


def test_a_store_that_fails_is_told_and_asked_again(session):
    class Hopeful(Person):
        def line(self, ask):
            session.failing = StoreError("the disk is full") if not session.calls else None
            return super().line(ask)

    printed = io.StringIO()
    keys = Hopeful(io.StringIO("p\n1\n1\n\nq\n\n"))
    Dialogue(session, "ada", keys, Console(file=printed, color_system=None, width=200)).run()
    assert "the disk is full" in printed.getvalue()
    assert judged(session) == [("sweet peas", "accept")]


def test_time_with_the_list_is_no_time_of_the_question(session, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("nerture.terminal.dialogue.time.monotonic", lambda: now[0])

    class Slow(Person):
        def line(self, ask):
            now[0] += 60
            return super().line(ask)

        def next(self):
            now[0] += 1
            return super().next()

    console = Console(file=io.StringIO(), color_system=None, width=200)
    Dialogue(session, "ada", Slow(io.StringIO("p\n\na\nq\n\n")), console).run()
    assert session.log[0].seconds == 2.0


def test_agreement_is_told_with_the_standing(session):
    session.agreed = Agreement(
        14, 20, 0.9, 0.8, {("ada", "bea"): Pair(0.81, 13), ("ada", "cy"): Pair(None, 1)}
    )
    wanted = (
        "agreement: ada and bea kappa 0.81 on 13 questions, "
        "ada and cy no kappa, for nobody ever said anything else, on 1 question; "
        "all alpha 0.80 on 14 questions"
    )
    assert agreed(session.agreed) == wanted
    assert wanted in talk(session, "a\nq\n")

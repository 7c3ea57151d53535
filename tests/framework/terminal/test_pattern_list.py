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
from nerture.terminal.show import format_agreement

from ...support.memory_session import suggestion
from .test_dialogue import garden, talk


class Person(LineKeys):
    waits = True


def by_hand(session, lines):
    """Answer as a person who sees errors; return what was printed."""
    printed = io.StringIO()
    Dialogue(
        session, "ada", Person(io.StringIO(lines)), Console(file=printed, color_system=None, width=200)
    ).run()
    return printed.getvalue()


def verdicts_of(session):
    return [(" ".join(pattern.words), one.verdict) for pattern, one in session.judged_patterns()]


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
    assert verdicts_of(session) == [("sweet peas", "accept"), ("bath", "reject")]
    assert [one.annotator for one in session.verdicts] == ["ada", "ada"]
    assert len(session.log) == 1


def test_verdicts_are_numbered_too_and_can_be_changed(session):
    printed = talk(session, "p\n1-2\n-2\n\nq\n")
    assert "2 dill  PLANT   accepted" in printed
    assert verdicts_of(session) == [("sweet peas", "accept"), ("dill", "reject")]


def test_the_list_closes_when_all_are_judged_and_opens_again_for_changes(session):
    talk(session, "p\n1-3\na\np\n-3\nq\n")
    assert len(session.log) == 1
    assert dict(verdicts_of(session)) == {"sweet peas": "reject", "dill": "accept", "bath": "accept"}


def test_without_suggestions_their_origin_is_explained():
    assert "they are suggested for words accepted at least twice" in talk(garden(), "p\na\nq\n")


@pytest.mark.parametrize("line", ["4", "0", "2-1", "one", "--1", "1 2"])
def test_a_line_with_a_mistake_judges_nothing(session, line):
    with pytest.raises(DataError, match="expected"):
        PatternList(session, "ada").save_verdicts(f"1, {line}")
    assert session.judged_patterns() == []


def test_a_person_sees_the_suggestions_at_the_end(session):
    printed = by_hand(session, "a\nq\n9\n2\n\n")
    assert "Your answers suggest 3 new patterns; accepted patterns are written to a pattern file." in printed
    assert "expected patterns 1 to 3, got '9'" in printed
    assert verdicts_of(session) == [("dill", "accept")]
    suggested, summary = (
        printed.rindex(words) for words in ("suggest 3 new", "1 answered: 1 accepted, 0 rejected")
    )
    assert suggested < summary


def test_a_pipe_gets_a_note_at_the_end_and_no_question(session):
    printed = talk(session, "q\n1\n")
    assert "Your answers suggest 3 new patterns: press p to see them" in printed
    assert session.judged_patterns() == []


def test_suggestions_are_mentioned_now_and_then_to_a_person():
    from ...support.memory_session import MemorySession, text_question

    session = MemorySession([text_question(f"Text {number}.") for number in range(12)])
    session.suggested = [suggestion(f"plant{number}") for number in range(11)]
    printed = by_hand(session, "a\n" * 10 + "q\n\n")
    assert printed.count("Your answers suggest more than 9 new patterns") == 2


def test_a_failed_save_is_reported_and_can_be_retried(session):
    class Hopeful(Person):
        def read_line(self, prompt):
            session.failing = StoreError("the disk is full") if not session.calls else None
            return super().read_line(prompt)

    printed = io.StringIO()
    keys = Hopeful(io.StringIO("p\n1\n1\n\nq\n\n"))
    Dialogue(session, "ada", keys, Console(file=printed, color_system=None, width=200)).run()
    assert "the disk is full" in printed.getvalue()
    assert verdicts_of(session) == [("sweet peas", "accept")]


def test_time_spent_on_patterns_does_not_count_for_the_question(session, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("nerture.terminal.dialogue.time.monotonic", lambda: now[0])

    class Slow(Person):
        def read_line(self, prompt):
            now[0] += 60
            return super().read_line(prompt)

        def next(self):
            now[0] += 1
            return super().next()

    console = Console(file=io.StringIO(), color_system=None, width=200)
    Dialogue(session, "ada", Slow(io.StringIO("p\n\na\nq\n\n")), console).run()
    assert session.log[0].seconds == 2.0


def test_agreement_is_shown_with_the_progress(session):
    session.agreed = Agreement(
        14, 20, 0.9, 0.8, {("ada", "bea"): Pair(0.81, 13), ("ada", "cy"): Pair(None, 1)}
    )
    line = (
        "agreement: ada and bea kappa 0.81 on 13 questions, "
        "ada and cy kappa undefined (all answers are equal) on 1 question; "
        "all alpha 0.80 on 14 questions"
    )
    assert format_agreement(session.agreed) == line
    assert line in talk(session, "a\nq\n")

"""The session in a terminal: by letters from a pipe, and by single keys."""

from __future__ import annotations

import io
import os
import pty
import re
import threading
from dataclasses import replace

import pytest
from rich.console import Console

from nerture.errors import DataError, NertureError
from nerture.sessions.live.protocol import SessionProgress
from nerture.terminal.dialogue import Dialogue
from nerture.terminal.keys import LineKeys, open_keys
from nerture.terminal.show import format_forecast

from ...support.memory_session import MemorySession, span_question, text_question

TEXT = "Wild garlic grows near Bath."


def garden(**more):
    return MemorySession(
        [
            span_question(TEXT, 0, 11, pattern="garlic-3", record=(12, 2), reason="pattern"),
            text_question(TEXT, (0, 11, "PLANT")),
            span_question(TEXT, 23, 27, "PLACE", meta={"line": 7}),
        ],
        **more,
    )


def talk(session, lines, colour=None):
    """Answer with the lines; return what was printed."""
    printed = io.StringIO()
    console = Console(
        file=printed, markup=False, emoji=False, highlight=False, width=200,
        force_terminal=bool(colour), color_system="standard" if colour else None,
    )  # fmt: skip
    with open_keys(io.StringIO(lines), printed.write) as keys:
        answers = Dialogue(session, "ada", keys, console).run()
    assert answers == len(session.log)
    return printed.getvalue()


def answers_of(session):
    return [(answer.verdict, answer.spans, answer.flagged) for answer in session.log]


def test_letters_from_a_pipe_answer():
    session = garden()
    printed = talk(session, "a\n\nx\n")
    assert answers_of(session) == [("accept", None, False), ("accept", None, False), ("reject", None, False)]
    assert "Is this PLANT?   (found by pattern garlic-3, right 12 of 14 times; model: 50.0 %)" in printed
    assert "[Wild garlic PLANT] grows near Bath." in printed
    assert "line: 7" in printed
    assert "No more questions." in printed
    assert "3 answered: 2 accepted, 1 rejected, 0 ignored; 0 left" in printed
    assert all(0 <= answer.seconds < 5 and answer.annotator == "ada" for answer in session.log)


def test_the_forecast_says_that_it_is_an_estimate():
    assert format_forecast(SessionProgress()) == ""
    basis = "estimated from the model's probabilities and your answers, usually too high"
    one = SessionProgress(curve=((25, 0.4), (30, 0.517)))
    assert format_forecast(one) == f"Expected F1 about 51.7 %: {basis}"
    assert "about 51.7 %, about 3.4 points more after the next 100 answers: estimated" in format_forecast(
        replace(one, next_gain=0.0342)
    )
    assert "almost nothing more after the next 100 answers" in format_forecast(replace(one, next_gain=0.0))


def test_progress_is_shown_at_the_end():
    session = MemorySession([span_question(f"Sow kale in bed {n}.", 4, 8) for n in range(5)])
    printed = talk(session, "a\n" * 5)
    assert "Expected F1 about 6.7 %, about 3.4 points more after the next 100 answers" in printed


def test_words_do_what_letters_do():
    session = garden()
    talk(session, "accept\nignore\nundo\nreject\nend\naccept\n")
    assert [verdict for verdict, *_ in answers_of(session)] == ["accept", "reject"]


def test_undo_shows_the_question_again():
    session = garden()
    printed = talk(session, "a\nu\nx\nq\n")
    assert answers_of(session) == [("reject", None, False)]
    assert printed.count("Is this PLANT?") == 2


def test_undo_without_answers_is_reported():
    assert "Nothing to undo." in talk(garden(), "u\nq\n")


def test_a_flag_belongs_to_one_answer():
    session = garden()
    talk(session, "f\na\nf\nf\na\n")
    assert [flagged for *_, flagged in answers_of(session)] == [True, False]


def test_enter_does_not_answer_a_span_question():
    session = garden()
    talk(session, "\n\nq\n")
    assert not session.log


def test_spans_are_edited_by_numbers():
    session = garden()
    talk(session, "x\nm\n-1, 5 2\n\nm\n4-5\na\n")
    assert answers_of(session) == [
        ("reject", None, False),
        ("accept", ((23, 27, "PLACE"),), False),
        ("accept", ((18, 27, "PLACE"),), False),
    ]


def test_a_pipe_with_a_mistake_ends_with_an_error():
    with pytest.raises(DataError, match="expected words 1 to 6, got 9"):
        talk(garden(), "m\n9\na\n")


def test_a_person_sees_the_error_and_is_asked_again():
    session = garden()
    session.failing = NertureError("the store is locked")

    class Person(LineKeys):
        waits = True

        def next(self):
            if session.failing and session.calls:
                session.failing = None
            return super().next()

    printed = io.StringIO()
    console = Console(file=printed, color_system=None, width=200)
    assert Dialogue(session, "ada", Person(io.StringIO("a\na\nq\n")), console).run() == 1
    assert "the store is locked" in printed.getvalue()
    assert len(session.log) == 1


def test_a_digit_answers_a_retyping():
    asked = [span_question(TEXT, 0, 11, mode="retype", labels=("HERB", "TREE"))]
    session = MemorySession(asked, mode="retype", labels=("HERB", "TREE"))
    printed = talk(session, "2\n")
    assert "Which is it: 1 HERB 2 TREE" in printed
    assert answers_of(session) == [("accept", ((0, 11, "TREE"),), False)]


def test_texts_cannot_control_the_terminal():
    text = "Wild \x1b[2J\x07 [bold]garlic[/bold]"
    session = MemorySession([text_question(text, labels=("\x1b[31mRED", "PLACE"))])
    printed = talk(session, "m\n1\na\n")
    assert "\x1b" not in printed
    assert "\x07" not in printed
    assert "[bold]garlic[/bold]" in printed


def test_spans_are_coloured_if_there_are_colours():
    printed = talk(garden(), "a\nq\n", colour=True)
    assert "[Wild garlic PLANT]" not in printed
    plain = re.sub(r"\x1b\[[0-9;]*m", "", printed)
    assert "Wild garlic grows near Bath." in plain
    assert "Wild garlic PLANT  grows near Bath." in plain


# Keys of a terminal.


@pytest.fixture
def terminal():
    """A pseudo terminal: where a person types, and where the program reads."""
    person, program = pty.openpty()
    with open(program, "r+b", buffering=0) as stream:
        yield person, io.TextIOWrapper(stream, write_through=True)
    os.close(person)


def test_a_session_by_keys_of_a_terminal(terminal):
    person, stream = terminal
    session = garden()
    printed = io.StringIO()
    console = Console(file=printed, color_system=None, width=200)

    waiting = threading.Semaphore(0)

    def type_keys():
        for key in (b"x", b"a", b"\x7f", b"?", b"x", b"q"):
            assert waiting.acquire(timeout=120)  # several bytes at once have no meaning
            os.write(person, key)

    typing = threading.Thread(target=type_keys)
    with open_keys(stream, printed.write) as keys:
        read = keys.next
        keys.next = lambda: (waiting.release(), read())[1]
        typing.start()
        Dialogue(session, "ada", keys, console).run()
    typing.join()
    assert [verdict for verdict, *_ in answers_of(session)] == ["reject", "reject"]
    assert "a accept  x reject  space ignore" in printed.getvalue()

"""Marks mended by a line of words."""

from __future__ import annotations

import re

import pytest

from nerture.errors import DataError
from nerture.terminal.mark_editing import mend, offered

from ...support.memory_session import span_question, text_question

TEXT = "Wild garlic grows near Bath."


# Mending by numbers.

QUESTION = text_question(TEXT, (0, 11, "PLANT"))


@pytest.mark.parametrize(
    ("line", "marks"),
    [
        ("", [(0, 11, "PLANT")]),
        ("5 2", [(0, 11, "PLANT"), (23, 27, "PLACE")]),
        ("2-3", [(5, 17, "PLANT")]),
        ("3-2 2", [(5, 17, "PLACE")]),
        ("-2", []),
        ("0", []),
        ("0; 1, 5 2", [(0, 4, "PLANT"), (23, 27, "PLACE")]),
    ],
)
def test_mending(line, marks):
    assert list(mend(QUESTION, offered(QUESTION), line)) == marks


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("word", "found 'word'"),
        ("7", "found 7; there are words 1 to 6"),
        ("0-2", "found 0; there are words"),
        ("1 3", "found 3; there are labels 1 to 2"),
        ("-5", "nothing is marked there"),
        ("1 2 3", "found '1 2 3'"),
    ],
)
def test_mending_says_what_is_wrong(line, message):
    with pytest.raises(DataError, match=re.escape(message)):
        mend(QUESTION, offered(QUESTION), line)


def test_the_mark_of_a_span_question_stays_one_and_keeps_its_label():
    question = span_question(TEXT, 23, 27, "PLACE")
    assert mend(question, offered(question), "4-5") == ((18, 27, "PLACE"),)
    assert mend(question, offered(question), "4-5 1") == ((18, 27, "PLANT"),)
    with pytest.raises(DataError, match="reject it"):
        mend(question, offered(question), "-5")

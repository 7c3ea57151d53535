"""Spans edited by a line of numbers."""

from __future__ import annotations

import re

import pytest

from nerture.errors import DataError
from nerture.terminal.mark_editing import edit_marks, suggested_marks

from ...support.memory_session import span_question, text_question

TEXT = "Wild garlic grows near Bath."


# Editing by numbers.

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
def test_edits(line, marks):
    assert list(edit_marks(QUESTION, suggested_marks(QUESTION), line)) == marks


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("word", "expected an edit, got 'word'"),
        ("7", "expected words 1 to 6, got 7"),
        ("0-2", "expected words 1 to 6, got 0"),
        ("1 3", "expected labels 1 to 2, got 3"),
        ("-5", "got '-5', where nothing is marked"),
        ("1 2 3", "expected an edit, got '1 2 3'"),
    ],
)
def test_invalid_edits_are_explained(line, message):
    with pytest.raises(DataError, match=re.escape(message)):
        edit_marks(QUESTION, suggested_marks(QUESTION), line)


def test_a_span_question_keeps_one_span_and_its_label():
    question = span_question(TEXT, 23, 27, "PLACE")
    assert edit_marks(question, suggested_marks(question), "4-5") == ((18, 27, "PLACE"),)
    assert edit_marks(question, suggested_marks(question), "4-5 1") == ((18, 27, "PLANT"),)
    with pytest.raises(DataError, match="reject it"):
        edit_marks(question, suggested_marks(question), "-5")

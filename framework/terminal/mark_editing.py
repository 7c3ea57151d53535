"""Marks mended by typed token numbers: ``3-5 2`` marks tokens 3 to 5 with the second label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nerture.errors import DataError
from nerture.sessions.answers.question import Question

Marks = tuple[tuple[int, int, str], ...]
"""``(start_char, end_char, label)`` in order, none overlapping."""

EDIT = re.compile(r"(?P<remove>-)?\s*(?P<first>\d+)(?:\s*-\s*(?P<last>\d+))?(?:\s+(?P<label>\d+))?")
HELP = (
    "3-5 2 marks words 3 to 5 with the second label, 3 marks word 3, -3 removes the mark on word 3, "
    "0 removes all; several apart by commas"
)


def offered(question: Question) -> Marks:
    """Return the marks that a question offers."""
    return tuple((span.start_char, span.end_char, span.label) for span in question.spans)


def mend(question: Question, marks: Marks, line: str) -> Marks:
    """Return ``marks`` after the edits of ``line``, in order; see ``HELP``.

    In a span question there is always the one mark, which an edit replaces; its label stays unless one is
    given. Raises ``DataError`` for what is no edit, or names a word or label that is not there.
    """
    for piece in filter(None, (piece.strip() for piece in re.split("[,;]", line))):
        marks = _edit(question, marks, piece)
    return marks


def _edit(question: Question, marks: Marks, piece: str) -> Marks:
    if piece == "0" and question.kind == "text":
        return ()
    edit = EDIT.fullmatch(piece)
    if edit is None:
        raise DataError(f"found {piece!r}; {HELP}")
    first = _token(question, edit["first"])
    last = _token(question, edit["last"] or edit["first"])
    start, end = question.tokens[min(first, last)][0], question.tokens[max(first, last)][1]
    if edit["remove"]:
        if question.kind == "span":
            raise DataError("the mark of this question is not removed: reject it")
        kept = _outside(marks, start, end)
        if len(kept) == len(marks):
            raise DataError(f"found {piece!r}, but nothing is marked there")
        return kept
    if question.kind == "span":
        return ((start, end, _label(question, edit["label"], marks[0][2])),)
    label = _label(question, edit["label"], question.labels[0])
    return tuple(sorted([*_outside(marks, start, end), (start, end, label)]))


def _outside(marks: Iterable[tuple[int, int, str]], start: int, end: int) -> Marks:
    return tuple(mark for mark in marks if mark[1] <= start or mark[0] >= end)


def _token(question: Question, number: str) -> int:
    return _at(question.tokens, number, "words")


def _label(question: Question, number: str | None, otherwise: str) -> str:
    return otherwise if number is None else question.labels[_at(question.labels, number, "labels")]


def _at(things: Sequence[object], number: str, what: str) -> int:
    if not 1 <= int(number) <= len(things):
        raise DataError(f"found {number}; there are {what} 1 to {len(things)}")
    return int(number) - 1

"""Edits spans by typed token numbers: ``3-5 2`` gives tokens 3 to 5 the second label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from nerture.errors import DataError
from nerture.sessions.answers.question import Question

Marks = tuple[tuple[int, int, str], ...]
"""Non-overlapping spans ``(start_char, end_char, label)`` in order."""

EDIT = re.compile(r"(?P<remove>-)?\s*(?P<first>\d+)(?:\s*-\s*(?P<last>\d+))?(?:\s+(?P<label>\d+))?")
HELP = (
    "3-5 2 marks words 3 to 5 with the second label, 3 marks word 3, -3 removes the span on word 3, "
    "0 removes all; separate edits by commas"
)


def suggested_marks(question: Question) -> Marks:
    """Return the spans that a question suggests."""
    return tuple((span.start_char, span.end_char, span.label) for span in question.spans)


def edit_marks(question: Question, marks: Marks, line: str) -> Marks:
    """Return ``marks`` after the edits of ``line``, in order; see ``HELP``.

    A span question always has one span, which an edit replaces; its label stays unless one is given. Raises
    ``DataError`` for an invalid edit, word number or label number.
    """
    for piece in filter(None, (piece.strip() for piece in re.split("[,;]", line))):
        marks = _apply_edit(question, marks, piece)
    return marks


def _apply_edit(question: Question, marks: Marks, piece: str) -> Marks:
    if piece == "0" and question.kind == "text":
        return ()
    edit = EDIT.fullmatch(piece)
    if edit is None:
        raise DataError(f"expected an edit, got {piece!r}; {HELP}")
    first = _parse_token(question, edit["first"])
    last = _parse_token(question, edit["last"] or edit["first"])
    start, end = question.tokens[min(first, last)][0], question.tokens[max(first, last)][1]
    if edit["remove"]:
        if question.kind == "span":
            raise DataError("the span of this question cannot be removed; reject it instead")
        kept = _keep_outside(marks, start, end)
        if len(kept) == len(marks):
            raise DataError(f"expected a marked word to remove, got {piece!r}, where nothing is marked")
        return kept
    if question.kind == "span":
        return ((start, end, _parse_label(question, edit["label"], marks[0][2])),)
    label = _parse_label(question, edit["label"], question.labels[0])
    return tuple(sorted([*_keep_outside(marks, start, end), (start, end, label)]))


def _keep_outside(marks: Iterable[tuple[int, int, str]], start: int, end: int) -> Marks:
    return tuple(mark for mark in marks if mark[1] <= start or mark[0] >= end)


def _parse_token(question: Question, number: str) -> int:
    return _parse_index(question.tokens, number, "words")


def _parse_label(question: Question, number: str | None, default: str) -> str:
    return default if number is None else question.labels[_parse_index(question.labels, number, "labels")]


def _parse_index(items: Sequence[object], number: str, kind: str) -> int:
    if not 1 <= int(number) <= len(items):
        raise DataError(f"expected {kind} 1 to {len(items)}, got {number}")
    return int(number) - 1

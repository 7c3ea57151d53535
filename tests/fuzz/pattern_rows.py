"""Rows of a pattern file from bytes: each byte picks one of a few, so that any bytes are well-formed rows.

A fuzzer that changes the letters of JSON mostly breaks it; what it changes here are the patterns.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from nerture.patterns import ATTRIBUTES

One = TypeVar("One")

MAX_ROWS, MAX_TOKENS, MAX_CONDITIONS, MAX_VALUES = 8, 5, 3, 3
SETS = ("IN", "NOT_IN", "IS_SUBSET", "IS_SUPERSET", "INTERSECTS")
COMPARISONS = ("==", "!=", ">=", "<=", ">", "<")
OPERATORS = (None, None, "!", "?", "+", "*", "1", "{2}", "{1,2}", "{2,}", "{,2}", "{0}", "{0,0}", "{3,3}")
_FORMS = (
    "a", "A", "b", "ab", "Ab", "AB", "aab", "12", "a1", ",", "–", "É", "é", "ß", "İ", "x", "Xx", "dd", "",
    " ", "\n", "\ud800", "\U0001f34a", "a b", "\x00",
)  # fmt: skip
_EXPRESSIONS = (
    "a",
    "^a",
    "b$",
    "[0-9]",
    "^.$",
    "a|b",
    "(?i)AB",
    "",
    "[[a]",
    "(a)\\1",
    "\\d{2}",
    "(?=a)",
    "(",
)
_NUMBERS = (0, 1, 2, 3, -1, 1.5, 2**40, float("inf"), float("nan"))
_FUZZY = ("FUZZY", "FUZZY1", "FUZZY2", "FUZZY9")
_KINDS = {name: attribute.kind for name, attribute in ATTRIBUTES.items()}


class _Picker:
    """Takes choices from bytes, the first of each where they have ended."""

    def __init__(self, data: bytes) -> None:
        self._bytes = iter(data)

    def number(self, below: int) -> int:
        """Return a number from 0 on."""
        return next(self._bytes, 0) % below

    def one(self, of: Sequence[One]) -> One:
        """Return one of several."""
        return of[self.number(len(of))]

    def several(self, of: Sequence[One], most: int) -> list[One]:
        """Return some of several, one or more, with repetitions."""
        return [self.one(of) for _ in range(1 + self.number(most))]


def rows_of(data: bytes) -> list[dict[str, Any]]:
    """Return the rows that the bytes stand for, one at least."""
    pick = _Picker(data)
    return [_row(pick) for _ in range(1 + pick.number(MAX_ROWS))]


def _row(pick: _Picker) -> dict[str, Any]:
    row: dict[str, Any] = {"label": pick.one(("A", "B"))}
    if pick.number(3) == 0:
        row["id"] = pick.one((1, "x", "", "2"))
    if pick.number(4) == 0:
        row["pattern"] = " ".join(pick.several(_FORMS, MAX_TOKENS))
    else:
        row["pattern"] = [_token(pick) for _ in range(1 + pick.number(MAX_TOKENS))]
    return row


def _token(pick: _Picker) -> dict[str, Any]:
    token: dict[str, Any] = {}
    for _ in range(pick.number(MAX_CONDITIONS)):
        name = pick.one((*_KINDS, "SPACY", "LOWER", "ORTH"))
        token[name] = _wanted(pick, _KINDS.get(name, "flag"))
    operator = pick.one(OPERATORS)
    return token if operator is None else {**token, "OP": operator}


def _wanted(pick: _Picker, kind: str) -> Any:
    """Return what a token asks of an attribute of this kind, now and then of another."""
    if kind == "flag" or pick.number(64) == 63:
        return pick.one((True, False))
    plain = pick.one(_FORMS if kind == "text" else _NUMBERS)
    if pick.number(2):
        return plain
    return dict(_predicate(pick, kind) for _ in range(1 + pick.number(2)))


def _predicate(pick: _Picker, kind: str) -> tuple[str, Any]:
    if kind == "number":
        sign = pick.one((*COMPARISONS, *SETS))
        return sign, pick.several(_NUMBERS, MAX_VALUES) if sign in SETS else pick.one(_NUMBERS)
    name = pick.one(("REGEX", *_FUZZY, *SETS))
    if name in SETS:
        return name, pick.several(_FORMS, MAX_VALUES)[pick.number(2) :]
    texts = _EXPRESSIONS if name == "REGEX" else _FORMS
    nested = pick.one((None, "IN", "NOT_IN"))
    return name, pick.one(texts) if nested is None else {nested: pick.several(texts, MAX_VALUES)}

"""What each attribute says of a token's text."""

from __future__ import annotations

import pytest

from nerture.patterns import ATTRIBUTES

CASES = {
    "ORTH": {"Don't": "Don't"},
    "LOWER": {"Éa1": "éa1"},
    "NORM": {"“": '"', "Don’t": "don't"},
    "SHAPE": {"iPhone15": "xXxxxxdd", "123456": "dddd", "U.S.": "X.X."},
    "LENGTH": {"": 0, "é": 1, "ab": 2},
    "IS_ALPHA": {"abc": True, "é": True, "a1": False, "a-b": False},
    "IS_ASCII": {"abc": True, "é": False},
    "IS_DIGIT": {"12": True, "٣": True, "1.2": False},
    "IS_LOWER": {"a1": True, "aB": False, "1": False},
    "IS_UPPER": {"U.S.": True, "Us": False, "1": False},
    "IS_TITLE": {"Abc": True, "ABC": False, "abc": False},
    "IS_PUNCT": {",": True, "...": True, "“": True, "$": False, "a.": False},
    "IS_SPACE": {"\n": True, "  ": True, "a": False},
    "IS_STOP": {"The": True, "n't": True, "aspirin": False},
    "IS_BRACKET": {"(": True, "]": True, "()": False, '"': False},
    "IS_QUOTE": {'"': True, "”": True, "``": True, "(": False},
    "IS_LEFT_PUNCT": {"(": True, "“": True, ")": False},
    "IS_RIGHT_PUNCT": {")": True, "”": True, "(": False},
    "IS_CURRENCY": {"$": True, "€": True, "USD": False},
    "LIKE_NUM": {
        "5": True, "-5": True, "1,000.5": True, "1/2": True, "Five": True, "third": True, "21st": True,
        "1000th": True,
        "10k": False, "V": False, "/": False, "a/2": False, "-": False, "st": False,
    },
    "LIKE_URL": {
        "http://a": True, "www.a.bcd": True, "a.com": True, "A.Com/x?y": True, "google.co.uk": True,
        "x.io:80": True,
        "e.g.": False, "3.5": False, "U.S.": False, "a@b.com": False, "a.b": False, "http://": False,
        "word.Then": False,
    },
    "LIKE_EMAIL": {
        "a@b.com": True, "first.last+x@mail.example.org": True, "x@y": False,
        "@b.com": False, "a@.com": False,
    },
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "form", "value"),
    [(name, form, value) for name, cases in CASES.items() for form, value in cases.items()],
)
def test_values(name: str, form: str, value: object) -> None:
    found = ATTRIBUTES[name].of(form)
    assert found == value
    assert type(found) is type(value)


def test_every_attribute_is_tried() -> None:
    assert set(CASES) | {"TEXT"} == set(ATTRIBUTES)

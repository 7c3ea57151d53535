"""Lexical attributes of a word form: its norm and its shape, shared by the patterns and the learner."""

from __future__ import annotations

_PLAIN = str.maketrans({
    "‘": "'", "’": "'", "‛": "'", "′": "'", "“": '"', "”": '"', "„": '"', "″": '"',
    "–": "-", "—": "-", "−": "-", "…": "...",
})  # fmt: skip
_LONGEST_RUN = 4

ATTRIBUTES = ("norm", "shape", "prefix3", "suffix2", "suffix3", "suffix4", "match")
"""Names of a token's attributes: those of its form, as ``attributes_of`` returns them, then the matchers'."""


def norm(form: str) -> str:
    """Return the form lower-cased, with typographic quotes, dashes and ellipses written plainly."""
    return form.lower().translate(_PLAIN)


def shape(form: str) -> str:
    """Return the form's shape: X upper case, x other letters, d digits, else as it is; runs cut at four."""
    pieces: list[str] = []
    last, run = "", 0
    for character in form:
        if character.isalpha():
            kind = "X" if character.isupper() else "x"
        elif character.isdigit():
            kind = "d"
        else:
            kind = character
        run = run + 1 if kind == last else 1
        last = kind
        if run <= _LONGEST_RUN:
            pieces.append(kind)
    return "".join(pieces)


def attributes_of(form: str) -> tuple[str, ...]:
    """Return the form's attributes, in the order of ATTRIBUTES; ``suffix3`` is cut from the form itself."""
    plain = norm(form)
    return plain, shape(form), plain[:3], plain[-2:], form[-3:], plain[-4:]

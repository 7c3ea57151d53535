"""Lexical attributes of word forms, shared by the patterns and the learner, and normalised surfaces."""

from __future__ import annotations

_PLAIN = str.maketrans({
    "‘": "'", "’": "'", "‛": "'", "′": "'", "“": '"', "”": '"', "„": '"', "″": '"',
    "–": "-", "—": "-", "−": "-", "…": "...",
})  # fmt: skip
_MAX_RUN = 4

ATTRIBUTES = ("norm", "shape", "prefix3", "suffix2", "suffix3", "suffix4", "match")
"""Names of a token's attributes: those of its form, as ``attributes_of`` returns them, then the matchers'."""


def normalize_surface(text: str) -> str:
    """Return the text lower-cased, with each run of whitespace as one space and none at the edges."""
    return " ".join(text.lower().split())


def norm(form: str) -> str:
    """Return the form lower-cased, with plain quotes, dashes and ellipses for typographic ones."""
    return form.lower().translate(_PLAIN)


def shape(form: str) -> str:
    """Return the form's shape: X upper case, x other letters, d digits, else unchanged; runs up to four."""
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
        if run <= _MAX_RUN:
            pieces.append(kind)
    return "".join(pieces)


def attributes_of(form: str) -> tuple[str, ...]:
    """Return the form's attributes, in the order of ATTRIBUTES; ``suffix3`` is not normalised."""
    plain = norm(form)
    return plain, shape(form), plain[:3], plain[-2:], form[-3:], plain[-4:]

"""A token's embedded attributes, and the sizes of their hash tables."""

from __future__ import annotations

_EMBEDDED: tuple[tuple[str, int], ...] = (
    ("norm", 1500),
    ("shape", 500),
    ("prefix3", 1000),
    ("suffix2", 500),
    ("suffix3", 1000),
    ("suffix4", 1000),
)
_MATCH = ("match", 200)

IDENTITY: tuple[str, ...] = ("norm", "prefix3", "suffix2", "suffix3", "suffix4")
"""Attributes that identify a word; word dropout hides all of them, which leaves only the context."""


def embedded_attributes(matches: bool) -> tuple[tuple[str, int], ...]:
    """Return the embedded attributes and the rows of their tables, with the matchers' if ``matches``."""
    return (*_EMBEDDED, _MATCH) if matches else _EMBEDDED

"""What the learner sees of a token: its embedded attributes, and the rows of their hash tables."""

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
"""Attributes that say which word it is; word dropout hides them all, so that the context has to do."""


def embedded(matches: bool) -> tuple[tuple[str, int], ...]:
    """Return the embedded attributes and the rows of their tables; ``matches``: the matchers' is one."""
    return (*_EMBEDDED, _MATCH) if matches else _EMBEDDED

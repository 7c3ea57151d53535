"""The nearest valid name, for messages about a name that is not known."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of ``names`` that is most like ``name``, whatever its case; None if none is like it."""
    by_fold: dict[str, str] = {}
    for other in names:
        by_fold.setdefault(other.casefold(), other)
    found = get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None

"""Suggests the most similar valid name, for messages about unknown names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggest_name(name: str, names: Iterable[str]) -> str | None:
    """Return the one of ``names`` most similar to ``name``, ignoring case; None if none is similar."""
    by_fold: dict[str, str] = {}
    for valid in names:
        by_fold.setdefault(valid.casefold(), valid)
    matches = get_close_matches(name.casefold(), by_fold, n=1, cutoff=0.6)
    return by_fold[matches[0]] if matches else None

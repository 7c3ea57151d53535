"""``Match``: what a rule found in a text."""

from __future__ import annotations

from typing import NamedTuple


class Match(NamedTuple):
    """A hit: tokens ``[start, end)``, the label it suggests, and the id of the pattern that fired."""

    start: int
    end: int
    label: str
    pattern: str

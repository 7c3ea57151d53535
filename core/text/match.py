"""``Match``: a hit of a rule in a text."""

from __future__ import annotations

from typing import NamedTuple

from nerture.core.text.doc import SpanKey, TokenBounds


class Match(NamedTuple):
    """A hit: tokens ``[start, end)``, the label it suggests, and the id of the pattern."""

    start: int
    end: int
    label: str
    pattern: str

    @property
    def key(self) -> SpanKey:
        """Start, end and label."""
        return self.start, self.end, self.label

    def overlaps(self, other: TokenBounds) -> bool:
        """Return True if the two have a token in common."""
        return self.start < other.end and other.start < self.end

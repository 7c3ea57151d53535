"""``RowError``: what is wrong with a row of a pattern file."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class RowError(Exception):
    """What is wrong with a row: pairs of code and message, or one pair."""

    def __init__(self, code: str = "", message: str = "", faults: Iterable[tuple[str, str]] = ()) -> None:
        self.faults = tuple(faults) or ((code, message),)
        super().__init__(self.faults[0][1])


def suggest(name: str, allowed: Iterable[str]) -> str:
    """Return a hint for a message: the nearest name, or all allowed names if none is near."""
    allowed = list(allowed)
    near = difflib.get_close_matches(name, allowed, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"expected one of {', '.join(allowed)}"

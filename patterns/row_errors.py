"""How a row of a pattern file is refused: what the reading functions raise, and the words of the messages."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from typing import Any

_LONGEST_SHOWN = 60


class RowError(Exception):
    """What is wrong with a row: pairs of code and message, or one pair."""

    def __init__(self, code: str = "", message: str = "", found: Iterable[tuple[str, str]] = ()) -> None:
        self.found = tuple(found) or ((code, message),)
        super().__init__(self.found[0][1])


def nearest(name: str, allowed: Iterable[str]) -> str:
    """Write which name may have been meant, or all that are allowed if none is near."""
    allowed = list(allowed)
    near = difflib.get_close_matches(name, allowed, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else f"allowed are {', '.join(allowed)}"


def shown(value: Any) -> str:
    """Write a value as JSON for a message, cut when long."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except RecursionError:
        return "something nested deeply"
    return text if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 3] + "..."

"""What readers produce: a row of input, in characters, or a problem with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nerture.core.errors import Origin
from nerture.core.text.doc import Offsets

Answer = Literal["accept", "reject", "ignore"]


@dataclass(frozen=True, slots=True)
class CharSpan:
    """An annotated stretch of text, ``[start_char, end_char)``, with an ``answer`` of its own or None."""

    start_char: int
    end_char: int
    label: str
    answer: Answer | None = None

    def overlaps(self, other: CharSpan) -> bool:
        """Return True if the two have a character in common."""
        return self.start_char < other.end_char and other.start_char < self.end_char


@dataclass(frozen=True, slots=True)
class Record:
    """One text of a file with everything its row says.

    ``offsets`` are the input's own tokens, or None if it has none. ``spans`` is None if the row says nothing
    about entities, and empty if it says that there are none. ``complete`` names the labels whose entities are
    all among the spans: True (every label), a set of labels, False (none), or None (the row does not say).
    ``fields`` is the row itself, so that nothing is lost in the output.
    """

    text: str
    origin: Origin
    offsets: Offsets | None = None
    spans: tuple[CharSpan, ...] | None = None
    answer: Answer | None = None
    complete: bool | frozenset[str] | None = None
    binary: bool = False
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem with a row: where, of what kind (``code``, stable), what was expected and what was there.

    ``raw`` is the unchanged row, so that it can be written next to the output; of several problems with a
    row, only the first has it. Bytes that are not UTF-8 become surrogate escapes. A ``note`` reports a row
    that asked to be skipped (its answer is ``ignore``): counted, never an error.
    """

    origin: Origin
    code: str
    message: str
    raw: str = ""
    severity: Literal["error", "note"] = "error"

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}"

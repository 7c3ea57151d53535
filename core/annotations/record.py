"""What a reader hands on: a row of input as it stands, in characters, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from nerture.core.errors import Origin
from nerture.core.text.doc import Offsets

Answer = Literal["accept", "reject", "ignore"]


@dataclass(frozen=True, slots=True)
class CharSpan:
    """An annotated stretch, characters ``[start_char, end_char)``, with its own ``answer`` or None."""

    start_char: int
    end_char: int
    label: str
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """One text of a file with all that its row says.

    ``offsets`` are the tokens that the input brings (None: it brings none). ``spans`` is None where the row
    says nothing about entities, and empty where it says that there are none. ``complete`` says for which
    labels the spans are all there are: True (every label), a set of labels, False (none), or None (the row
    does not say). ``fields`` is the row itself, so that nothing is lost on the way out.
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
    """Something wrong with a row: where, what kind (``code``, stable), what was found and what is allowed.

    ``raw`` is the row as it stood, so that it can be kept beside the output; of several problems of a row the
    first has it; bytes that are not UTF-8 stand in it as surrogate escapes. A ``note`` tells of a row that
    was left out on its own word (its answer is ``ignore``): counted, never an error.
    """

    origin: Origin
    code: str
    message: str
    raw: str = ""
    severity: Literal["error", "note"] = "error"

    def __str__(self) -> str:
        return f"{self.origin}: {self.message}"

"""What goes into a store and comes out of it, independent of its tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nerture.core.content_hash import content_hash
from nerture.errors import StoreError

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SavedAnswer:
    """An answer as a dataset keeps it.

    ``id`` is unique within a dataset. ``row`` is the whole answer in Prodigy's format, with every field of
    its input; the other fields repeat parts of it, for queries. ``time`` is in seconds since 1970,
    ``seconds`` is how long the answer took; ``version`` is that of the model that asked, ``score`` its
    probability for what was asked, ``sampling`` the probability with which the question was drawn;
    ``question`` is the content hash of what was asked. Unknown values are None.
    """

    id: str
    row: Row
    text: str | None = None
    question: str | None = None
    verdict: str | None = None
    annotator: str | None = None
    time: float | None = None
    seconds: float | None = None
    version: int | None = None
    score: float | None = None
    sampling: float | None = None
    flagged: bool = False


@dataclass(frozen=True, slots=True)
class LoggedQuestion:
    """A question of a session's log: ``hash`` identifies what is asked, ``body`` is all but the text."""

    hash: str
    text: str
    body: Row

    @property
    def digest(self) -> str:
        """A hash of everything: the same question asked for another reason has another digest."""
        return content_hash([self.text, self.body])


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event of a session's log: its kind and content, and how it changes the dataset.

    ``undoes`` is the id of an answer that is undone. ``answer`` and ``undoes`` are not read back with the
    log: ``body`` has to contain what they say.
    """

    kind: str
    body: Row
    time: float
    question: LoggedQuestion | None = None
    answer: SavedAnswer | None = None
    undoes: str | None = None


@dataclass(frozen=True, slots=True)
class DatasetInfo:
    """A dataset: its current answers, the sessions that wrote to it, and when it was created."""

    name: str
    answers: int
    sessions: int
    created: float


@dataclass(frozen=True, slots=True)
class Added:
    """The result of an import or a merge: the answers that were saved, and those that were known already."""

    saved: int = 0
    known: int = 0

    def __add__(self, other: Added) -> Added:
        return Added(self.saved + other.saved, self.known + other.known)


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of a dataset.

    ``labels`` counts, for each label, the spans by the answer about them. ``seconds`` is the time that the
    answers took, as far as it is known; ``first`` and ``last`` are times in seconds since 1970.
    """

    name: str
    answers: int = 0
    undone: int = 0
    texts: int = 0
    sessions: int = 0
    verdicts: Mapping[str, int] = field(default_factory=dict)
    annotators: Mapping[str, int] = field(default_factory=dict)
    labels: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    seconds: float | None = None
    first: float | None = None
    last: float | None = None


class LogMovedError(StoreError):
    """The log of a session has events that the caller has not read yet."""


class LogGoneError(StoreError):
    """The dataset of a session was dropped with its log: nothing can be added any more."""

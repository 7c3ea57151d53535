"""``Pool``: the texts that a session may ask about, each once, with their tokens and the patterns' hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock

from nerture.core.doc import Doc
from nerture.core.learner import Learner
from nerture.core.match import Match
from nerture.core.prediction import Attributes
from nerture.core.records import Record
from nerture.interfaces import Matcher
from nerture.sessions.occurrences import Occurrences
from nerture.sessions.passages import passage_of, passages

MOST_KEPT = 4000
"""Texts whose attributes are kept: more than a version looks at. All of a large pool would be most of a
session's memory, and to make them anew takes a few milliseconds a version."""


class Text:
    """A text of the pool: its row, its tokens, and what patterns find in it.

    ``text`` are its characters. ``passage`` says which tokens and characters of ``whole``, the row's tokens,
    it is: ``(start, end, start_char, end_char)``; None: all of them. Most texts of a large pool are never
    looked at, so that the rest is made when it is asked for; a passage's tokens are made anew each time, for
    those of all texts would be a quarter of a session's memory.
    """

    __slots__ = ("_disjoint", "_hits", "matchers", "number", "passage", "row", "text", "whole")

    def __init__(
        self,
        number: int,
        row: Record,
        text: str,
        whole: Doc,
        *,
        passage: tuple[int, int, int, int] | None,
        matchers: Sequence[Matcher],
    ) -> None:
        self.number, self.row, self.text = number, row, text
        self.whole, self.passage, self.matchers = whole, passage, matchers
        self._hits: tuple[Match, ...] | None = None
        self._disjoint: tuple[Match, ...] | None = None

    @property
    def start(self) -> int | None:
        """The character of the row's text at which the passage begins; None: it is all of it."""
        return None if self.passage is None else self.passage[2]

    @property
    def doc(self) -> Doc:
        """The tokens."""
        return self.whole if self.passage is None else self.whole.part(*self.passage[:2])

    @property
    def record(self) -> Record:
        """The row, or what of it is about the passage."""
        return self.row if self.start is None else passage_of(self.row, self.doc, self.start)

    @property
    def hits(self) -> tuple[Match, ...]:
        """The patterns' hits, by their start; the same span and label once, by the first pattern to hit."""
        if self._hits is None:
            found: dict[tuple[int, int, str], Match] = {}
            for matcher in self.matchers:
                for match in matcher(self.doc):
                    found.setdefault((match.start, match.end, match.label), match)
            self._hits = tuple(sorted(found.values(), key=lambda hit: (hit.start, hit.end, hit.label)))
        return self._hits

    @property
    def disjoint_hits(self) -> tuple[Match, ...]:
        """Those of the hits that do not overlap: longer ones first, then earlier ones."""
        if self._disjoint is None:
            taken: list[Match] = []
            for hit in sorted(self.hits, key=lambda match: (match.start - match.end, match.start)):
                if all(hit.end <= other.start or other.end <= hit.start for other in taken):
                    taken.append(hit)
            self._disjoint = tuple(sorted(taken))
        return self._disjoint

    def surface(self, start: int, end: int) -> str:
        """Return the tokens' text as surfaces are compared: in lower case, spaces as one."""
        offsets, first = self.whole.offsets, 0 if self.passage is None else self.passage[0]
        found = self.whole.text[offsets[first + start, 0] : offsets[first + end - 1, 1]]
        return " ".join(found.lower().split())


class Pool:
    """Texts in the order of the source, without empty and repeated ones.

    ``doc`` makes a record's tokens; ``matchers`` are those whose hits become questions. With ``segment``,
    long texts are cut into passages.
    """

    def __init__(
        self,
        records: Iterable[Record],
        doc: Callable[[Record], Doc],
        matchers: Sequence[Matcher] = (),
        *,
        segment: bool = False,
    ) -> None:
        self.matchers = tuple(matchers)
        self.texts: list[Text] = []
        self.occurrences = Occurrences(self.texts)
        self._numbers: dict[str, int] = {}
        self._attributes: dict[tuple[str, bytes], Attributes] = {}  # those asked for last are the last
        self._lock = Lock()
        for record in records:
            whole = doc(record)
            for passage in _parts(whole, segment):
                text = whole.text if passage is None else whole.text[passage[2] : passage[3]]
                if text not in self._numbers and text.strip():
                    self._numbers[text] = number = len(self.texts)
                    self.texts.append(
                        Text(number, record, text, whole, passage=passage, matchers=self.matchers)
                    )

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, number: int) -> Text:
        return self.texts[number]

    def attributes(self, doc: Doc, learner: Learner) -> Attributes:
        """Return the hashed attributes of a text, or of a piece of one; those asked for last are kept.

        Every version of a session's model has the same.
        """
        key = doc.text, doc.offsets.tobytes()
        with self._lock:
            found = self._attributes.pop(key, None)
            if found is None:
                found = learner.attributes(doc)
            self._attributes[key] = found
            if len(self._attributes) > MOST_KEPT:
                del self._attributes[next(iter(self._attributes))]
        return found

    def find(self, text: str) -> Text | None:
        """Return the entry of a text; None: it is not in the pool."""
        number = self._numbers.get(text)
        return None if number is None else self.texts[number]


def _parts(doc: Doc, segment: bool) -> Sequence[tuple[int, int, int, int] | None]:
    """Return the passages of a text; one that is None is all of it."""
    bounds = passages(doc) if segment else []
    return bounds if len(bounds) > 1 else [None]

"""``Text``: a text of a pool, or a passage of one: its row, its tokens, and the patterns' hits."""

from __future__ import annotations

from collections.abc import Sequence

from nerture.core.annotations.record import Record
from nerture.core.text.doc import Doc
from nerture.core.text.match import Match
from nerture.interfaces import Matcher
from nerture.sessions.pool.passages import passage_of


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

"""``Text``: a text of a pool, or a passage of one, with its row, tokens and pattern hits."""

from __future__ import annotations

from collections.abc import Sequence

from nerture.core.annotations.record import Record
from nerture.core.text.doc import Doc
from nerture.core.text.lexical import normalize_surface
from nerture.core.text.match import Match
from nerture.interfaces import Matcher
from nerture.sessions.pool.passages import make_passage_record


class Text:
    """A text of the pool, with its row, tokens and pattern hits.

    ``text`` is the string. ``passage`` is the part of ``whole``, the row's tokens, that the text covers, as
    ``(start, end, start_char, end_char)``; None if all of it. Everything else is computed on demand, as most
    texts of a large pool are never used; the tokens of a passage are not cached, as those of all texts would
    be a quarter of a session's memory.
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
        """The character of the row's text at which the passage begins; None if it is the whole text."""
        return None if self.passage is None else self.passage[2]

    @property
    def doc(self) -> Doc:
        """The tokens."""
        return self.whole if self.passage is None else self.whole.part(*self.passage[:2])

    @property
    def record(self) -> Record:
        """The row, or the part of it about the passage."""
        return self.row if self.start is None else make_passage_record(self.row, self.doc, self.start)

    @property
    def hits(self) -> tuple[Match, ...]:
        """The pattern hits, by their start; each span and label once, from the first pattern that hits it."""
        if self._hits is None:
            hits: dict[tuple[int, int, str], Match] = {}
            for matcher in self.matchers:
                for match in matcher(self.doc):
                    hits.setdefault(match.key, match)
            self._hits = tuple(sorted(hits.values(), key=lambda hit: hit.key))
        return self._hits

    @property
    def disjoint_hits(self) -> tuple[Match, ...]:
        """Hits that do not overlap, chosen by length, then by position."""
        if self._disjoint is None:
            taken: list[Match] = []
            for hit in sorted(self.hits, key=lambda match: (match.start - match.end, match.start)):
                if not any(hit.overlaps(other) for other in taken):
                    taken.append(hit)
            self._disjoint = tuple(sorted(taken))
        return self._disjoint

    def surface(self, start: int, end: int) -> str:
        """Return the text of tokens ``[start, end)``, lower-cased and with whitespace normalized."""
        offsets, first = self.whole.offsets, 0 if self.passage is None else self.passage[0]
        text = self.whole.text[offsets[first + start, 0] : offsets[first + end - 1, 1]]
        return normalize_surface(text)

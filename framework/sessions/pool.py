"""``Pool``: the texts that a session may ask about, each once, with their tokens and the patterns' hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from nerture.core.doc import Doc
from nerture.core.match import Match
from nerture.core.records import Record
from nerture.interfaces import Matcher
from nerture.sessions.occurrences import Occurrences
from nerture.sessions.passages import cut_record
from nerture.sessions.question import content_hash


@dataclass(eq=False)
class Text:
    """A text of the pool: its row, its tokens, and what patterns find in it."""

    number: int
    record: Record
    doc: Doc
    matchers: Sequence[Matcher]

    @cached_property
    def input(self) -> str:
        """The identity of the text, as questions have it."""
        return content_hash(self.record.text)

    @cached_property
    def hits(self) -> tuple[Match, ...]:
        """The patterns' hits, by their start; the same span and label once, by the first pattern to hit."""
        found: dict[tuple[int, int, str], Match] = {}
        for matcher in self.matchers:
            for match in matcher(self.doc):
                found.setdefault((match.start, match.end, match.label), match)
        return tuple(sorted(found.values(), key=lambda match: (match.start, match.end, match.label)))

    @cached_property
    def disjoint_hits(self) -> tuple[Match, ...]:
        """Those of the hits that do not overlap: longer ones first, then earlier ones."""
        taken: list[Match] = []
        for hit in sorted(self.hits, key=lambda match: (match.start - match.end, match.start)):
            if all(hit.end <= other.start or other.end <= hit.start for other in taken):
                taken.append(hit)
        return tuple(sorted(taken))

    def surface(self, start: int, end: int) -> str:
        """Return the tokens' text as surfaces are compared: in lower case, spaces as one."""
        offsets = self.doc.offsets
        return " ".join(self.doc.text[offsets[start, 0] : offsets[end - 1, 1]].lower().split())


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
        for record in records:
            whole = doc(record)
            for part, tokens in cut_record(record, whole) if segment else ((record, whole),):
                if part.text.strip() and part.text not in self._numbers:
                    self._numbers[part.text] = len(self.texts)
                    self.texts.append(Text(len(self.texts), part, tokens, self.matchers))

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, number: int) -> Text:
        return self.texts[number]

    def find(self, text: str) -> Text | None:
        """Return the entry of a text; None: it is not in the pool."""
        number = self._numbers.get(text)
        return None if number is None else self.texts[number]

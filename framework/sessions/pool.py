"""``Pool``: the texts that a session may ask about, each once, with their tokens and the patterns' hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from nerture.core.doc import Doc
from nerture.core.learner import Learner
from nerture.core.match import Match
from nerture.core.prediction import Attributes
from nerture.core.records import Record
from nerture.interfaces import Matcher
from nerture.sessions.occurrences import Occurrences
from nerture.sessions.passages import passage_of, passages


@dataclass(eq=False)
class Text:
    """A text of the pool: its row, its tokens, and what patterns find in it.

    ``start`` is the character of the row's text at which it begins, if it is a passage of it; None: it is all
    of it.
    """

    number: int
    row: Record
    start: int | None
    doc: Doc
    matchers: Sequence[Matcher]

    @property
    def record(self) -> Record:
        """The row, or what of it is about the passage."""
        return self.row if self.start is None else passage_of(self.row, self.doc, self.start)

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
        self._attributes: dict[tuple[str, bytes], Attributes] = {}
        for record in records:
            for start, part in _parts(doc(record), segment):
                if part.text.strip() and part.text not in self._numbers:
                    self._numbers[part.text] = len(self.texts)
                    self.texts.append(Text(len(self.texts), record, start, part, self.matchers))

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, number: int) -> Text:
        return self.texts[number]

    def attributes(self, doc: Doc, learner: Learner) -> Attributes:
        """Return the hashed attributes of a text, or of a piece of one, made once.

        Every version of a session's model has the same.
        """
        key = doc.text, doc.offsets.tobytes()
        if key not in self._attributes:
            self._attributes[key] = learner.attributes(doc)
        return self._attributes[key]

    def find(self, text: str) -> Text | None:
        """Return the entry of a text; None: it is not in the pool."""
        number = self._numbers.get(text)
        return None if number is None else self.texts[number]


def _parts(doc: Doc, segment: bool) -> Iterator[tuple[int | None, Doc]]:
    """Yield the passages of a text with the characters at which they begin; None: it is not cut."""
    bounds = list(passages(doc)) if segment else []
    if len(bounds) <= 1:
        yield None, doc
        return
    for start, end in bounds:
        yield int(doc.offsets[start, 0]), doc.part(start, end)

"""``Pool``: the texts that a session may ask about, each once, with their tokens and the patterns' hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock

from nerture.core.annotations.record import Record
from nerture.core.learner.learner import Learner
from nerture.core.learner.prediction import Attributes
from nerture.core.text.doc import Doc
from nerture.interfaces import Matcher
from nerture.sessions.pool.passages import passages
from nerture.sessions.pool.surface_index import SurfaceIndex
from nerture.sessions.pool.text import Text

MAX_CACHED_TEXTS = 4000
"""Texts whose attributes are kept: more than a version looks at. All of a large pool would be most of a
session's memory, and to make them anew takes a few milliseconds a version."""


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
        self.occurrences = SurfaceIndex(self.texts)
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
            if len(self._attributes) > MAX_CACHED_TEXTS:
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

"""``Pool``: the distinct texts that a session may ask about, with their tokens and pattern hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from threading import Lock

from nerture.core.annotations.record import Record
from nerture.core.learner.learner import Learner
from nerture.core.learner.prediction import Attributes
from nerture.core.text.doc import Doc
from nerture.interfaces import Matcher
from nerture.sessions.pool.passages import split_passages
from nerture.sessions.pool.surface_index import SurfaceIndex
from nerture.sessions.pool.text import Text

MAX_CACHED_TEXTS = 4000
"""Texts whose attributes are cached: more than a version predicts. Those of a large pool would be most of a
session's memory, and recomputing them takes a few milliseconds per version."""


class Pool:
    """Texts in the order of the source, without empty and repeated ones.

    ``doc`` tokenizes a record; hits of ``matchers`` become questions. With ``segment``, long texts are split
    into passages.
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
        self.surface_index = SurfaceIndex(self.texts)
        self._numbers: dict[str, int] = {}
        self._attributes: dict[tuple[str, bytes], Attributes] = {}  # ordered by last use
        self._lock = Lock()
        for record in records:
            whole = doc(record)
            for passage in _split(whole, segment):
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
        """Return the hashed attributes of a text or of a part of one, from a cache of the last used.

        They are the same for every version of a session's model.
        """
        key = doc.text, doc.offsets.tobytes()
        with self._lock:
            attributes = self._attributes.pop(key, None)
            if attributes is None:
                attributes = learner.attributes(doc)
            self._attributes[key] = attributes
            if len(self._attributes) > MAX_CACHED_TEXTS:
                del self._attributes[next(iter(self._attributes))]
        return attributes

    def find(self, text: str) -> Text | None:
        """Return the entry of a text; None if it is not in the pool."""
        number = self._numbers.get(text)
        return None if number is None else self.texts[number]


def _split(doc: Doc, segment: bool) -> Sequence[tuple[int, int, int, int] | None]:
    """Return the passages of a text, or [None] if it is not split."""
    bounds = split_passages(doc) if segment else []
    return bounds if len(bounds) > 1 else [None]

"""``Learner``: labels, settings and weights; it predicts, and an ``Updater`` teaches it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nerture.core.batching import bounds_of, by_words
from nerture.core.decoder import greedy
from nerture.core.doc import Doc, Span
from nerture.core.errors import SettingError
from nerture.core.lexicon import Lexicon
from nerture.core.network import Batch, Encoded, Network, initialise, shapes
from nerture.core.parameters import Parameters
from nerture.core.settings import ModelSettings

PREDICT_WORDS = 500  # words that are encoded at once: what a layer needs of them stays in the cache
LONG_TEXT = 8000  # a text of more words is predicted piece by piece

MatchFeatures = Callable[[Doc], npt.NDArray[np.uint64]]
"""Doc to one hash a token, uint64 (N): what the pipeline's matchers say of it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A parameter block of the learner, for ``describe``."""

    name: str
    shape: tuple[int, ...]
    count: int


class Learner:
    """A named-entity recognizer: hashed features, a small convolutional network, BILUO transitions.

    ``labels`` in the order of the network's outputs; ``longest`` is the longest entity in tokens (K).
    ``weights`` are those of a trained learner; without them it begins at random from ``seed``.
    ``match_features`` adds one attribute to each token. Prediction does not change the learner.
    """

    def __init__(
        self,
        labels: Sequence[str],
        settings: ModelSettings | None = None,
        longest: int = 10,
        *,
        weights: Parameters | None = None,
        seed: int = 0,
        match_features: MatchFeatures | None = None,
    ) -> None:
        self.labels = tuple(labels)
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise SettingError(f"labels: found {list(labels)!r}, allowed are one or more different names")
        self.settings = settings or ModelSettings()
        self.longest = longest
        self.match_features = match_features
        if weights is None:
            weights = Parameters(shapes(self.settings, len(self.labels), match_features is not None))
            initialise(weights, seed)
        self.weights = weights
        self.network = Network(self.settings, len(self.labels), weights, match_features is not None)
        self._lexicon = Lexicon()

    def attributes(self, doc: Doc) -> npt.NDArray[np.uint64]:
        """Return the hashed attributes of the doc's tokens, uint64 (N, F)."""
        table = self._lexicon.attributes(doc.text, doc.offsets)
        if self.match_features is None:
            return table
        return np.concatenate([table, self.match_features(doc)[:, None]], axis=1)

    def batch(self, attributes: Sequence[npt.NDArray[np.uint64]]) -> Batch:
        """Join the attributes of several texts."""
        return Batch(np.concatenate(attributes), bounds_of([len(table) for table in attributes]))

    def predict(self, docs: Sequence[Doc]) -> list[list[Span]]:
        """Return each doc's entities, in order; the docs themselves stay as they are."""
        found: list[list[Span]] = [[] for _ in docs]
        short = [index for index, doc in enumerate(docs) if 0 < len(doc) <= LONG_TEXT]
        for index, doc in enumerate(docs):
            if len(doc) > LONG_TEXT:
                found[index] = list(self._predict_long(doc))
        for chosen in by_words([len(docs[index]) for index in short], PREDICT_WORDS):
            places = [short[place] for place in chosen]
            batch = self.batch([self.attributes(docs[index]) for index in places])
            encoded, _ = self.network.encode(batch)
            for text, start, end, label in self._decode(encoded, batch.bounds).tolist():
                index = places[text]
                found[index].append(Span(start, end, self.labels[label], doc=docs[index]))
        return found

    def _decode(
        self, encoded: Encoded, bounds: npt.NDArray[np.int64], skip: int = 0
    ) -> npt.NDArray[np.int64]:
        """Decode the texts of an encoded batch; ``skip`` leaves out tokens that are there as context only."""
        weights = self.weights
        return greedy(
            encoded.closed[skip:], encoded.slots[skip:], weights["open.weight"], weights["open.bias"],
            bounds, self.longest,
        )  # fmt: skip

    def _predict_long(self, doc: Doc) -> Iterator[Span]:
        """Predict piece by piece, with the same result as at once: a token's scores depend on what is near.

        Each piece is encoded with as much context as the network sees, and decoded a little beyond its end,
        so that an entity that begins in it is found whole; the next piece begins where the last such entity
        ends.
        """
        table = self.attributes(doc)
        reach = self.network.reach
        begin = 0
        while begin < len(doc):
            end = min(begin + PREDICT_WORDS, len(doc))
            stop = min(end + self.longest, len(doc))
            left = max(0, begin - reach)
            right = min(stop + reach, len(doc))
            encoded, _ = self.network.encode(self.batch([table[left:right]]))
            bounds = np.array([0, stop - begin], dtype=np.int64)
            last = end
            for _, start, finish, label in self._decode(encoded, bounds, begin - left).tolist():
                if begin + start < end:
                    yield Span(begin + start, begin + finish, self.labels[label], doc=doc)
                    last = max(end, begin + finish)
            begin = last

    def describe(self) -> list[Block]:
        """Return every parameter block with its shape and count."""
        return [Block(name, shape, int(np.prod(shape))) for name, shape in self.weights.shapes.items()]

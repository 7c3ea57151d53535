"""``Learner``: labels, settings and weights; it predicts, and an ``Updater`` teaches it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.batching import bounds_of, by_words
from nerture.core.calibration import UNCHANGED, Calibration
from nerture.core.derivations import Derivations
from nerture.core.doc import Doc, Span
from nerture.core.errors import SettingError
from nerture.core.lexicon import Lexicon
from nerture.core.network import Batch, Network, initialise, shapes
from nerture.core.parameters import Parameters
from nerture.core.precision import Precision, rounded
from nerture.core.prediction import (
    HALF,
    PREDICT_WORDS,
    Attributes,
    ProbableSpans,
    Request,
    best_disjoint,
    probable,
)
from nerture.core.settings import MOST_ENTITY_TOKENS, ModelSettings
from nerture.core.vocabulary import Vocabulary

if TYPE_CHECKING:
    import numpy.typing as npt

MatchFeatures: TypeAlias = "Callable[[Doc], npt.NDArray[np.uint64]]"
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
    ``match_features`` adds one attribute to each token. ``calibration`` changes the scores
    where probabilities are reported, so that they come true; ``threshold`` is the probability
    from which on a span is predicted; ``precision`` is how the weights are stored on disk, and ``int8`` also
    how prediction multiplies; ``lexicon`` is where the attributes of word forms are kept (by default, its
    own). ``vocabulary`` is what it has met of words, all else is one to it (None: it tells nothing apart).
    Prediction does not change the learner.
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
        calibration: Calibration = UNCHANGED,
        threshold: float = HALF,
        precision: Precision = "f32",
        lexicon: Lexicon | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self.labels = tuple(labels)
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise SettingError(f"labels: found {list(labels)!r}, allowed are one or more different names")
        if not 1 <= longest <= MOST_ENTITY_TOKENS:
            raise SettingError(f"longest: found {longest} tokens, allowed are 1 to {MOST_ENTITY_TOKENS}")
        self.settings = settings or ModelSettings()
        self.longest = longest
        self.match_features = match_features
        self.calibration = calibration
        self.threshold = threshold
        self.precision = precision
        if weights is None:
            weights = Parameters(shapes(self.settings, len(self.labels), match_features is not None))
            initialise(weights, seed)
        self.weights = weights
        self.network = Network(
            self.settings, len(self.labels), weights, match_features is not None,
            int8=precision == "int8", vocabulary=vocabulary,
        )  # fmt: skip
        self._lexicon = Lexicon() if lexicon is None else lexicon

    def copy(self) -> Learner:
        """Return an independent learner that is the same, to be taught: it is stored in full precision."""
        return self.with_weights(self.weights.copy())

    def with_weights(self, weights: Parameters, precision: Precision = "f32") -> Learner:
        """Return a learner that is the same but for its weights; word forms are kept for both at once."""
        return self._like(weights, precision, self.vocabulary)

    def knowing(self, tables: Iterable[Attributes]) -> Learner:
        """Return a learner of the same weights, to be taught, that also knows the words of some texts.

        ``tables`` are the texts' ``attributes``. One without a vocabulary has none then, either.
        """
        vocabulary = self.vocabulary
        if vocabulary is not None:
            vocabulary = vocabulary.joined(Vocabulary.of(tables, self.network.identity))
        return self._like(self.weights, "f32", vocabulary)

    @property
    def vocabulary(self) -> Vocabulary | None:
        """What it has met of words; None: it does not tell new ones from others."""
        return self.network.vocabulary

    def _like(self, weights: Parameters, precision: Precision, vocabulary: Vocabulary | None) -> Learner:
        return Learner(
            self.labels, self.settings, self.longest,
            weights=weights, match_features=self.match_features,
            calibration=self.calibration, threshold=self.threshold,
            precision=precision, lexicon=self._lexicon, vocabulary=vocabulary,
        )  # fmt: skip

    def forget(self) -> None:
        """Let go of the cache of word forms, up to 8 MB, when many texts are done with."""
        self.network.forget()

    def attributes(self, doc: Doc) -> Attributes:
        """Return the hashed attributes of the doc's tokens, uint64 (N, F)."""
        table = self._lexicon.attributes(doc.text, doc.offsets)
        if self.match_features is None:
            return table
        return np.concatenate([table, self.match_features(doc)[:, None]], axis=1)

    def batch(self, attributes: Sequence[Attributes]) -> Batch:
        """Join the attributes of several texts."""
        return Batch(np.concatenate(attributes), bounds_of([len(table) for table in attributes]))

    def predict(self, docs: Sequence[Doc], thresholds: Mapping[str, float] | None = None) -> list[list[Span]]:
        """Return each doc's entities, in order, their probabilities as ``score``; the docs stay as they are.

        They are the spans that do not overlap and whose sum of P(span) - threshold is greatest: at 0.5,
        every span that is likelier there than not. ``thresholds`` by label (the learner's own for those it
        does not name) are compared with the calibrated probabilities, the ones that are reported; the default
        decision is taken by the scores as they are, so that calibration does not change it.
        """
        if thresholds is None:
            request = Request(self.threshold, UNCHANGED, self.calibration, disjoint=True)
            return [list(found.spans) for found in probable(self, docs, request)]
        limits = {label: thresholds.get(label, self.threshold) for label in self.labels}
        found = self.probable_spans(docs, min(limits.values()))
        return [best_disjoint(item.spans, limits) for item in found]

    def probable_spans(
        self,
        docs: Sequence[Doc],
        least: float,
        temperature: float | None = None,
        *,
        tables: Sequence[Attributes] | None = None,
    ) -> list[ProbableSpans]:
        """Return each doc's spans of a probability of ``least`` or more, in order of their end.

        They may overlap. The probabilities are calibrated, unless a ``temperature`` is given to divide the
        scores by.
        ``tables`` are the docs' ``attributes``, for who has them already.
        """
        calibration = self.calibration if temperature is None else Calibration(temperature)
        return probable(self, docs, Request(least, calibration, calibration), tables)

    def derivations(self, docs: Sequence[Doc], temperature: float | None = None) -> Iterator[Derivations]:
        """Yield each doc's distribution over derivations, calibrated unless a temperature is given.

        A doc without a token has one derivation, the empty one.
        """
        calibration = self.calibration if temperature is None else Calibration(temperature)
        for chosen in by_words([len(doc) for doc in docs], PREDICT_WORDS):
            batch = self.batch([self.attributes(docs[index]) for index in chosen])
            closed, open_, _, _ = self.network.scores(batch, self.longest)
            for begin, end in pairwise(batch.bounds.tolist()):
                yield Derivations(closed[begin:end], open_[begin:end], self.labels, calibration)

    def compressed(self, precision: Precision) -> Learner:
        """Return a learner of weights that lose nothing more when they are stored in this precision.

        Raises ``SettingError`` when they are beyond its range.
        """
        return self.with_weights(rounded(self.weights, precision), precision)

    def describe(self) -> list[Block]:
        """Return every parameter block with its shape and count."""
        return [Block(name, shape, int(np.prod(shape))) for name, shape in self.weights.shapes.items()]

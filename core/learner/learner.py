"""``Learner``: labels, settings and weights; it predicts, and an ``Updater`` trains it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.errors import SettingError
from nerture.core.lattice.derivations import Derivations
from nerture.core.lattice.score_calibration import UNCHANGED, Calibration
from nerture.core.learner.batching import batch_by_words, make_bounds
from nerture.core.learner.prediction import (
    HALF,
    LONG_TEXT,
    NO_SPANS,
    PREDICT_WORDS,
    SEAM,
    Attributes,
    ProbableSpans,
    choose_best_disjoint,
    decode,
)
from nerture.core.learner.quantization import Precision, round_weights
from nerture.core.network.feature_extractor import FeatureExtractor
from nerture.core.network.network import Batch, Network, initialise, shapes
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import MAX_ENTITY_TOKENS, ModelSettings
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.text.doc import Doc, Span

if TYPE_CHECKING:
    import numpy.typing as npt

MatchFeatures: TypeAlias = "Callable[[Doc], npt.NDArray[np.uint64]]"
"""From a Doc to one hash per token, uint64 (N), of the matchers' hits over it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A parameter block of the learner, for ``describe``."""

    name: str
    shape: tuple[int, ...]
    count: int


class Learner:
    """A named-entity recognizer: hashed features, a small convolutional network, BILUO transitions.

    ``labels`` are in the order of the network's outputs; ``longest`` is the longest entity in tokens (K).
    ``weights`` are those of a trained learner; without them the weights are random, from ``seed``.
    ``match_features`` adds one attribute to each token. ``calibration`` is applied before probabilities are
    reported; spans of a probability of ``threshold`` or more are predicted. ``precision`` is how the weights
    are stored on disk, and for ``int8`` also how prediction multiplies. ``feature_extractor`` caches the
    attributes of word forms (None: its own). ``vocabulary`` holds the known words, the others share one
    embedding (None: unknown words are treated like known ones). Prediction does not change the learner.
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
        feature_extractor: FeatureExtractor | None = None,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self.labels = tuple(labels)
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise SettingError(f"labels: expected one or more different names, got {list(labels)!r}")
        if not 1 <= longest <= MAX_ENTITY_TOKENS:
            raise SettingError(f"longest: expected 1 to {MAX_ENTITY_TOKENS}, got {longest} tokens")
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
        self._feature_extractor = FeatureExtractor() if feature_extractor is None else feature_extractor

    def copy(self) -> Learner:
        """Return an independent copy for training, in full precision."""
        return self.with_weights(self.weights.copy())

    def with_weights(self, weights: Parameters, precision: Precision = "f32") -> Learner:
        """Return the same learner with other weights; both share the cache of word forms' attributes."""
        return self._replace(weights, precision, self.vocabulary)

    def with_vocabulary(self, tables: Iterable[Attributes]) -> Learner:
        """Return a learner for training with the same weights, and with the words of some texts added.

        ``tables`` are the texts' ``attributes``. A learner without a vocabulary stays without one.
        """
        vocabulary = self.vocabulary
        if vocabulary is not None:
            vocabulary = vocabulary.merge(Vocabulary.of(tables, self.network.identity))
        return self._replace(self.weights, "f32", vocabulary)

    @property
    def vocabulary(self) -> Vocabulary | None:
        """The known words; None if known and unknown words are treated alike."""
        return self.network.vocabulary

    def _replace(self, weights: Parameters, precision: Precision, vocabulary: Vocabulary | None) -> Learner:
        return Learner(
            self.labels, self.settings, self.longest,
            weights=weights, match_features=self.match_features,
            calibration=self.calibration, threshold=self.threshold,
            precision=precision, feature_extractor=self._feature_extractor, vocabulary=vocabulary,
        )  # fmt: skip

    def clear_cache(self) -> None:
        """Clear the word-form cache (up to 8 MB)."""
        self.network.clear_cache()

    def attributes(self, doc: Doc) -> Attributes:
        """Return the hashed attributes of the doc's tokens, uint64 (N, F)."""
        table = self._feature_extractor.attributes(doc.text, doc.offsets)
        if self.match_features is None:
            return table
        return np.concatenate([table, self.match_features(doc)[:, None]], axis=1)

    def batch(self, attributes: Sequence[Attributes]) -> Batch:
        """Join the attributes of several texts."""
        return Batch(np.concatenate(attributes), make_bounds(list(map(len, attributes))))

    def predict(self, docs: Sequence[Doc], thresholds: Mapping[str, float] | None = None) -> list[list[Span]]:
        """Return each doc's entities, in order, with their probability as ``score``; the docs do not change.

        They are the disjoint spans with the greatest sum of P(span) - threshold: at 0.5, all spans that are
        more likely there than not. ``thresholds`` by label (the learner's own for missing labels) are
        compared with the calibrated probabilities, which are reported; without ``thresholds``, the decision
        is based on uncalibrated scores, so that calibration does not change it.
        """
        if thresholds is None:
            results = self._find_spans(
                docs, None, least=self.threshold, decide=UNCHANGED, report=self.calibration, disjoint=True
            )
            return list(map(list, map(attrgetter("spans"), results)))
        limits = {label: thresholds.get(label, self.threshold) for label in self.labels}
        results = self.probable_spans(docs, min(limits.values()))
        return [choose_best_disjoint(result.spans, limits) for result in results]

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
        scores by. ``tables`` are the docs' precomputed ``attributes``, if available.
        """
        calibration = self.calibration if temperature is None else Calibration(temperature)
        return self._find_spans(
            docs, tables, least=least, decide=calibration, report=calibration, disjoint=False
        )

    def _find_spans(
        self,
        docs: Sequence[Doc],
        tables: Sequence[Attributes] | None,
        *,
        least: float,
        decide: Calibration,
        report: Calibration,
        disjoint: bool,
    ) -> list[ProbableSpans]:
        """Return each doc's spans of a probability of ``least`` or more by the calibration ``decide``.

        They are in order of their end, with their probability by the calibration ``report`` as ``score``.
        With ``disjoint``, only the best disjoint choice among them is returned.
        """
        results = [NO_SPANS] * len(docs)
        lengths = list(map(len, docs))
        short = []
        for index, length in enumerate(lengths):
            if length > LONG_TEXT:
                table = self.attributes(docs[index]) if tables is None else tables[index]
                results[index] = self._find_in_long(
                    docs[index], table, least=least, decide=decide, report=report, disjoint=disjoint
                )
            elif length:
                short.append(index)
        for texts in batch_by_words(lengths, PREDICT_WORDS, short):
            chosen = list(map(docs.__getitem__, texts))
            attributes = (
                list(map(self.attributes, chosen)) if tables is None else [tables[index] for index in texts]
            )
            # a text alone is not copied: prediction only reads
            batch = (
                self.batch(attributes)
                if len(attributes) > 1
                else Batch(attributes[0], make_bounds((len(attributes[0]),)))
            )
            encoded = self.network.encode(batch)
            (rows, masses), lost, _ = decode(
                encoded,
                batch.bounds,
                self.labels,
                self.longest,
                least=least,
                decide=decide,
                report=report,
                disjoint=disjoint,
            )
            spans: list[list[Span]] = [[] for _ in texts]
            for (text, start, end, label), mass in zip(rows.tolist(), masses.tolist(), strict=True):
                spans[text].append(Span(start, end, self.labels[label], mass, doc=chosen[text]))
            for index, found, missed in zip(texts, spans, lost.tolist(), strict=True):
                results[index] = ProbableSpans(tuple(found), missed)
        return results

    def _find_in_long(
        self,
        doc: Doc,
        table: Attributes,
        *,
        least: float,
        decide: Calibration,
        report: Calibration,
        disjoint: bool,
    ) -> ProbableSpans:
        """Decode piece by piece: scores depend on nearby tokens only, and probabilities nearly so.

        Each piece is encoded with as much context as the network sees. The next piece begins where, near the
        end of this one, an entity is least likely to be open; the probability of one is counted as lost.
        """
        context = self.network.receptive_field
        begin, lost = 0, 0.0
        spans: list[Span] = []
        while begin < len(doc):
            end = min(begin + PREDICT_WORDS, len(doc))
            left, right = max(0, begin - context), min(end + context, len(doc))
            piece = self.network.encode(self.batch([table[left:right]])).piece(begin - left, end - left)
            bounds = np.array([0, end - begin], dtype=np.int64)
            (rows, masses), dropped, nothing_open = decode(
                piece,
                bounds,
                self.labels,
                self.longest,
                least=least,
                decide=decide,
                report=report,
                disjoint=disjoint,
            )
            cut = end
            if end < len(doc):
                # up to the last token but one: entities cannot continue at a piece's last token
                first = max(1, end - begin - SEAM)
                cut = begin + first + int(np.argmax(nothing_open[first:]))
                lost += 1 - float(nothing_open[cut - begin])
            lost += float(dropped[0])
            spans += [
                Span(begin + start, begin + finish, self.labels[label], mass, doc=doc)
                for (_, start, finish, label), mass in zip(rows.tolist(), masses.tolist(), strict=True)
                if begin + finish <= cut
            ]
            begin = cut
        return ProbableSpans(tuple(spans), lost)

    def derivations(self, docs: Sequence[Doc], temperature: float | None = None) -> Iterator[Derivations]:
        """Yield each doc's distribution over derivations, calibrated unless a temperature is given.

        A doc without tokens has one derivation, the empty one.
        """
        calibration = self.calibration if temperature is None else Calibration(temperature)
        for chosen in batch_by_words([len(doc) for doc in docs], PREDICT_WORDS):
            batch = self.batch([self.attributes(docs[index]) for index in chosen])
            closed, open_, _, _ = self.network.scores(batch, self.longest)
            for begin, end in pairwise(batch.bounds.tolist()):
                yield Derivations(closed[begin:end], open_[begin:end], self.labels, calibration)

    def with_precision(self, precision: Precision) -> Learner:
        """Return a learner whose weights are rounded to this precision, in which they can be stored exactly.

        Raises ``SettingError`` if they are beyond its range.
        """
        return self.with_weights(round_weights(self.weights, precision), precision)

    def describe(self) -> list[Block]:
        """Return every parameter block with its shape and count."""
        return [Block(name, shape, int(np.prod(shape))) for name, shape in self.weights.shapes.items()]

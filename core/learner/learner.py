"""``Learner``: labels, settings and weights; it predicts, and an ``Updater`` teaches it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.errors import SettingError
from nerture.core.lattice.derivations import Derivations
from nerture.core.lattice.score_calibration import UNCHANGED, Calibration
from nerture.core.learner.batching import bounds_of, by_words
from nerture.core.learner.prediction import (
    HALF,
    LONG_TEXT,
    NO_SPANS,
    PREDICT_WORDS,
    SEAM,
    Attributes,
    ProbableSpans,
    best_disjoint,
    decode,
)
from nerture.core.learner.quantization import Precision, rounded
from nerture.core.network.feature_extractor import FeatureExtractor
from nerture.core.network.network import Batch, Network, initialise, shapes
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import MAX_ENTITY_TOKENS, ModelSettings
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.text.doc import Doc, Span

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
        lexicon: FeatureExtractor | None = None,
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
        self._lexicon = FeatureExtractor() if lexicon is None else lexicon

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
            found = self._find_spans(
                docs, None, least=self.threshold, decide=UNCHANGED, report=self.calibration, disjoint=True
            )
            return [list(item.spans) for item in found]
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
        With ``disjoint`` they are the best choice among them that do not overlap.
        """
        found = [NO_SPANS] * len(docs)
        lengths = [len(doc) for doc in docs]
        short = [index for index, length in enumerate(lengths) if 0 < length <= LONG_TEXT]
        for index, length in enumerate(lengths):
            if length > LONG_TEXT:
                table = self.attributes(docs[index]) if tables is None else tables[index]
                found[index] = self._find_in_long(
                    docs[index], table, least=least, decide=decide, report=report, disjoint=disjoint
                )
        for chosen in by_words([lengths[index] for index in short], PREDICT_WORDS):
            texts = [short[place] for place in chosen]
            batch = self.batch(
                [self.attributes(docs[index]) if tables is None else tables[index] for index in texts]
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
                spans[text].append(Span(start, end, self.labels[label], mass, doc=docs[texts[text]]))
            for text, index in enumerate(texts):
                found[index] = ProbableSpans(tuple(spans[text]), float(lost[text]))
        return found

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
        """Go piece by piece: a token's scores depend on what is near, and so, nearly, do its probabilities.

        Each piece is encoded with as much context as the network sees. The next one begins where, near the
        end of this one, most likely nothing is open; the probability of the contrary is counted as lost.
        """
        reach = self.network.reach
        begin, lost = 0, 0.0
        found: list[Span] = []
        while begin < len(doc):
            end = min(begin + PREDICT_WORDS, len(doc))
            left, right = max(0, begin - reach), min(end + reach, len(doc))
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
                # the last token but one: entities cannot go on at the piece's own last token
                nearest = max(1, end - begin - SEAM)
                cut = begin + nearest + int(np.argmax(nothing_open[nearest:]))
                lost += 1 - float(nothing_open[cut - begin])
            lost += float(dropped[0])
            found += [
                Span(begin + start, begin + finish, self.labels[label], mass, doc=doc)
                for (_, start, finish, label), mass in zip(rows.tolist(), masses.tolist(), strict=True)
                if begin + finish <= cut
            ]
            begin = cut
        return ProbableSpans(tuple(found), lost)

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

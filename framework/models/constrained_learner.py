"""``ConstrainedLearner``: a learner's predictions and probabilities, given rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nerture.core.learner.constrained_prediction import predict_given, probable_spans_given
from nerture.core.learner.learner import Learner
from nerture.core.learner.prediction import LONG_TEXT
from nerture.core.suggest_name import suggest_name
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span
from nerture.errors import DataError, Origin
from nerture.models.rules import Constraints, combine_targets

Thresholds = Mapping[str, float]
"""By label, the probability above which spans are predicted; for other labels the learner's own."""


class Analysis(NamedTuple):
    """An analysis of a whole text: its probability, and all its entities in order."""

    probability: float
    spans: tuple[Span, ...]


class ConstrainedLearner:
    """A learner under constraints: every probability is given what the constraints say about the text."""

    def __init__(self, learner: Learner, constraints: Constraints) -> None:
        self.learner, self.constraints = learner, constraints

    def known(self, doc: Doc, origin: Origin | None = None) -> Target | None:
        """Return what the constraints say about a text; None if they say nothing.

        Raises ``ConflictError`` if they contradict each other, and ``DataError`` if one requires an entity of
        more tokens than the model's entities can have; both name ``origin``.
        """
        target = self.constraints(doc, origin)
        for span in target.spans if target else ():
            if len(span) > self.learner.longest:
                raise DataError(
                    f"constraints: {span} has {len(span)} tokens; "
                    f"entities of this model have at most {self.learner.longest}",
                    origin,
                )
        return target

    def predict(
        self,
        docs: Sequence[Doc],
        thresholds: Thresholds | None = None,
        origins: Sequence[Origin | None] | None = None,
    ) -> list[list[Span]]:
        """Return each doc's entities, in order, with their probabilities as ``score``.

        Raises what ``known`` and ``check_thresholds`` raise.
        """
        if thresholds:
            check_thresholds(thresholds, self.learner.labels)
        known = self._known_of(docs, origins)
        if known is None:
            return self.learner.predict(docs, thresholds)
        free = iter(self.learner.predict(_without_known(docs, known), thresholds))
        return [
            next(free) if target is None else predict_given(self.learner, target, thresholds)
            for target in known
        ]

    def probable_spans(
        self, docs: Sequence[Doc], least: float, temperature: float | None = None
    ) -> list[list[Span]]:
        """Return each doc's spans with a probability of ``least`` or more, in order of their end.

        They may overlap. The probabilities are calibrated, unless ``temperature`` is given. Raises what
        ``known`` raises.
        """
        known = self._known_of(docs)
        if known is None:
            return [list(found.spans) for found in self.learner.probable_spans(docs, least, temperature)]
        free = iter(self.learner.probable_spans(_without_known(docs, known), least, temperature))
        return [
            list(next(free).spans)
            if target is None
            else probable_spans_given(self.learner, target, least, temperature)
            for target in known
        ]

    def _known_of(
        self, docs: Sequence[Doc], origins: Sequence[Origin | None] | None = None
    ) -> list[Target | None] | None:
        """Return what the constraints say about each text; None if there are no constraints."""
        if not self.constraints.forced and not self.constraints.forbidden:
            return None
        all_origins = origins or [None] * len(docs)
        return [self.known(doc, origin) for doc, origin in zip(docs, all_origins, strict=True)]

    def span_probability(self, doc: Doc, start: int, end: int, label: str) -> float:
        """Return the probability that the tokens ``[start, end)`` are exactly one entity of this label.

        Raises ``DataError`` for a span that is not within the text, and for an unknown label.
        """
        (exact,) = self.learner.derivations([doc])
        free = exact.span_probability(start, end, label)
        known = self.known(doc)
        if known is None or not free:
            return free
        return float(exact.probabilities_of([doc.span(start, end, label)], known)[0])

    def log_mass(self, target: Target) -> float:
        """Return the log-probability of all analyses that agree with the target: at most 0.

        Raises ``ConflictError`` if none agrees with it and with the constraints.
        """
        (exact,) = self.learner.derivations([target.doc])
        known = self.known(target.doc, target.origin)
        if known is None:
            return exact.log_mass(target)
        return exact.log_mass(combine_targets(target, known)) - exact.log_mass(known)

    def k_best(self, doc: Doc, k: int) -> list[Analysis]:
        """Return the ``k`` most probable analyses of a whole text, best first; fewer if there are fewer.

        Raises ``DataError`` for a ``k`` below 1, and what ``check_length`` raises.
        """
        check_length(doc)
        (exact,) = self.learner.derivations([doc])
        return [
            Analysis(probability, tuple(doc.span(*entity) for entity in entities))
            for probability, entities in exact.k_best(k, self.known(doc))
        ]


def _without_known(docs: Sequence[Doc], known: Sequence[Target | None]) -> list[Doc]:
    """Return the docs that the constraints say nothing about."""
    return [doc for doc, target in zip(docs, known, strict=True) if target is None]


def check_thresholds(thresholds: Thresholds, labels: Sequence[str]) -> None:
    """Raise ``DataError`` for an unknown label, and for a threshold that is not between 0 and 1."""
    for label, threshold in thresholds.items():
        if label not in labels:
            near = suggest_name(label, labels)
            hint = f"; did you mean {near}?" if near else ""
            raise DataError(f"thresholds: expected one of {', '.join(labels)}, got {label!r}{hint}")
        number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
        if not number or not 0 <= threshold <= 1:
            raise DataError(f"thresholds.{label}: expected a number from 0 to 1, got {threshold!r}")


def check_length(doc: Doc) -> None:
    """Raise ``DataError`` for a text that is too long to list its most probable analyses."""
    if len(doc) > LONG_TEXT:
        raise DataError(
            f"the most probable analyses: expected a text of up to {LONG_TEXT:,} tokens, got {len(doc):,}"
        )

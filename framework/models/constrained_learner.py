"""``ConstrainedLearner``: a learner's predictions and probabilities, given the rules that hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from nerture.core.learner.constrained_prediction import predict_given, probable_given
from nerture.core.learner.learner import Learner
from nerture.core.learner.prediction import LONG_TEXT
from nerture.core.suggest_name import nearest
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span
from nerture.errors import DataError, Origin
from nerture.models.rules import Constraints, given

Thresholds = Mapping[str, float]
"""By label, the probability above which a span is worth its place; other labels have the learner's own."""


class Analysis(NamedTuple):
    """An analysis of a whole text: its probability, and all its entities in order."""

    probability: float
    spans: tuple[Span, ...]


class ConstrainedLearner:
    """Every probability that it tells is one given what the constraints say of the text."""

    def __init__(self, learner: Learner, constraints: Constraints) -> None:
        self.learner, self.constraints = learner, constraints

    def known(self, doc: Doc, origin: Origin | None = None) -> Target | None:
        """Return what the constraints say of a text; None where they say nothing.

        Raises ``ConflictError`` where they contradict each other, and ``DataError`` where one demands an
        entity of more tokens than one can have; both name ``origin``.
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
        check_thresholds(thresholds or {}, self.learner.labels)
        places = origins or [None] * len(docs)
        return _each(
            docs,
            [self.known(doc, origin) for doc, origin in zip(docs, places, strict=True)],
            lambda free: self.learner.predict(free, thresholds),
            lambda known: predict_given(self.learner, known, thresholds),
        )

    def probable_spans(
        self, docs: Sequence[Doc], least: float, temperature: float | None = None
    ) -> list[list[Span]]:
        """Return each doc's spans of a probability of ``least`` or more, in order of their end.

        They may overlap. The probabilities are calibrated, unless a ``temperature`` is given. Raises what
        ``known`` raises.
        """
        return _each(
            docs,
            [self.known(doc) for doc in docs],
            lambda free: [list(one.spans) for one in self.learner.probable_spans(free, least, temperature)],
            lambda known: probable_given(self.learner, known, least, temperature),
        )

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

        Raises ``ConflictError`` when none agrees with it and with the constraints.
        """
        (exact,) = self.learner.derivations([target.doc])
        known = self.known(target.doc, target.origin)
        if known is None:
            return exact.log_mass(target)
        return exact.log_mass(given(target, known)) - exact.log_mass(known)

    def k_best(self, doc: Doc, k: int) -> list[Analysis]:
        """Return the ``k`` most probable analyses of a whole text, best first; fewer where there are fewer.

        Raises ``DataError`` for a ``k`` below 1, and what ``check_length`` raises.
        """
        check_length(doc)
        (exact,) = self.learner.derivations([doc])
        return [
            Analysis(probability, tuple(doc.span(*entity) for entity in entities))
            for probability, entities in exact.k_best(k, self.known(doc))
        ]


def _each(
    docs: Sequence[Doc],
    known: Sequence[Target | None],
    free: Callable[[Sequence[Doc]], list[list[Span]]],
    under: Callable[[Target], list[Span]],
) -> list[list[Span]]:
    """Return each doc's spans: ``free`` tells them of all docs of which nothing is ``known`` at once."""
    found = iter(free([doc for doc, target in zip(docs, known, strict=True) if target is None]))
    return [next(found) if target is None else under(target) for target in known]


def check_thresholds(thresholds: Thresholds, labels: Sequence[str]) -> None:
    """Raise ``DataError`` for a label that there is not, and for a threshold that is not between 0 and 1."""
    for label, threshold in thresholds.items():
        if label not in labels:
            near = nearest(label, labels)
            hint = f"; did you mean {near}?" if near else ""
            raise DataError(f"thresholds: expected {', '.join(labels)}, got the label {label!r}{hint}")
        number = isinstance(threshold, int | float) and not isinstance(threshold, bool)
        if not number or not 0 <= threshold <= 1:
            raise DataError(f"thresholds: {label}: expected a number from 0 to 1, got {threshold!r}")


def check_length(doc: Doc) -> None:
    """Raise ``DataError`` for a text that is too long for its analyses to be told one by one."""
    if len(doc) > LONG_TEXT:
        raise DataError(
            f"the text has {len(doc):,} tokens; the most probable analyses are told of up to {LONG_TEXT:,}"
        )

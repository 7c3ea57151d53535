"""``Target``: what is known about the right derivations of one text."""

from __future__ import annotations

from dataclasses import dataclass

from nerture.core.errors import Origin
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.text.doc import Doc, Span, SpanKey

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Belief:
    """A span that is there with some probability: soft knowledge, which is never a hard constraint."""

    span: Span
    probability: float


@dataclass(frozen=True, slots=True)
class Target:
    """What a label source knows about one text.

    ``spans`` are there, so nothing overlaps them. ``complete`` names the labels that have no other entities:
    True is every label, an empty set none, so that whatever is between the spans is unknown. ``rejected``
    spans are not there (exactly these bounds with exactly this label). ``outside`` tokens are covered by no
    entity. ``not_together`` are groups of spans that are not all there at once.

    ``beliefs`` and ``teacher`` are soft: a loss compares the learner's probabilities with them, but they rule
    out no derivation. ``weight`` scales the loss.
    """

    doc: Doc
    spans: tuple[Span, ...] = ()
    complete: bool | frozenset[str] = True
    rejected: tuple[Span, ...] = ()
    outside: tuple[int, ...] = ()
    weight: float = 1.0
    origin: Origin | None = None
    not_together: tuple[tuple[Span, ...], ...] = ()
    beliefs: tuple[Belief, ...] = ()
    teacher: SpanProbabilities | None = None

    def is_complete_for(self, label: str) -> bool:
        """Return True if every entity of this label is among ``spans``."""
        return self.complete is True or (self.complete is not False and label in self.complete)

    def likely_spans(self) -> list[SpanKey]:
        """Return start, end and label of each span that is known or at least as likely there as not."""
        likely = [span.key for span in self.spans]
        likely += [belief.span.key for belief in self.beliefs if belief.probability >= HALF]
        if self.teacher is not None:
            rows = self.teacher.spans[self.teacher.probabilities >= HALF].tolist()
            likely += [(start, end, self.teacher.labels[label]) for start, end, label in rows]
        return likely

    @property
    def rules_out(self) -> bool:
        """Whether the hard part rules out any derivation."""
        known = self.spans or self.rejected or self.outside or self.not_together
        return bool(known) or self.complete not in (False, frozenset())

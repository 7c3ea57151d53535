"""``Target``: what somebody knows about the right derivations of one text."""

from __future__ import annotations

from dataclasses import dataclass

from nerture.core.errors import Origin
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.text.doc import Doc, Span

HALF = 0.5


@dataclass(frozen=True, slots=True)
class Belief:
    """A span that is there with a probability: soft knowledge, which never becomes a hard constraint."""

    span: Span
    probability: float


@dataclass(frozen=True, slots=True)
class Target:
    """What a label source knows about one text.

    ``spans`` are there; so nothing overlaps them. ``complete`` names the labels of which they are all there
    are: True stands for every label, an empty set for none, so that whatever lies between the spans is
    unknown. ``rejected`` spans are not there (exactly these bounds with exactly this label). ``outside``
    tokens are covered by no entity. ``not_together`` are groups of spans that are not all there at once.

    ``beliefs`` and ``teacher`` are soft: a loss compares the learner's probabilities with them, and no
    derivation is ruled out. ``weight`` scales the loss.
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

    def complete_for(self, label: str) -> bool:
        """Say whether every entity of this label is among ``spans``."""
        return self.complete is True or (self.complete is not False and label in self.complete)

    def likely(self) -> list[tuple[int, int, str]]:
        """Return start, end and label of each span that is known, or as probable as not, to be there."""
        found = [(span.start, span.end, span.label) for span in self.spans]
        for belief in self.beliefs:
            if belief.probability >= HALF:
                found.append((belief.span.start, belief.span.end, belief.span.label))
        if self.teacher is not None:
            rows = self.teacher.spans[self.teacher.probabilities >= HALF].tolist()
            found += [(start, end, self.teacher.labels[label]) for start, end, label in rows]
        return found

    @property
    def rules_out(self) -> bool:
        """Whether the hard part rules any derivation out."""
        known = self.spans or self.rejected or self.outside or self.not_together
        return bool(known) or self.complete not in (False, frozenset())

"""How often each label occurs, and which occur too seldom to be learned or measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from nerture.check.finding import Finding, warning
from nerture.core.errors import Origin

FEW_TEXTS = 100
"""A first model needs some hundred texts; below this, scores are mostly luck."""
FEW_EXAMPLES = 50
"""Examples of a label below which it is learned badly."""


class LabelCounts:
    """Counts texts and the examples of each label."""

    def __init__(self) -> None:
        self.texts = 0
        self.examples: Counter[str] = Counter()

    def add(self, labels: Iterable[str]) -> None:
        """Count a text with the labels of its spans."""
        self.texts += 1
        self.examples.update(labels)

    def findings(self, origin: Origin, labels: Sequence[str], where: str) -> Iterator[Finding]:
        """Yield what there is too little of.

        ``labels`` are those that should occur; ``where`` says in which data (``in this file``).
        Codes: ``too-few-texts``, ``no-examples``, ``too-few-examples``, ``similar-labels``.
        """
        if self.texts < FEW_TEXTS:
            advice, texts = f"fewer than {FEW_TEXTS} say little", "text" if self.texts == 1 else "texts"
            yield warning(origin, "too-few-texts", f"only {self.texts} {texts} {where}; {advice}")
        for label in labels:
            count = self.examples[label]
            if count == 0:
                yield warning(origin, "no-examples", f"no example of {label} {where}")
            elif count < FEW_EXAMPLES:
                advice = f"fewer than {FEW_EXAMPLES} are seldom enough"
                plural = "s" * (count > 1)
                message = f"only {count} example{plural} of {label} {where}; {advice}"
                yield warning(origin, "too-few-examples", message)
        folded: dict[str, str] = {}
        for label in sorted(self.examples):
            other = folded.setdefault(label.casefold(), label)
            if other != label:
                message = f"the labels {other} and {label} differ in case only; they count as two"
                yield warning(origin, "similar-labels", message)

"""How often each label occurs, and which labels are too rare to be learned or measured."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from nerture.check.finding import Finding, make_warning
from nerture.core.errors import Origin

FEW_TEXTS = 100
"""A first model needs some hundred texts; with fewer, scores are mostly chance."""
FEW_EXAMPLES = 50
"""With fewer examples of a label, it is learned badly."""


class LabelCounts:
    """Counts texts, and the examples of each label."""

    def __init__(self) -> None:
        self.texts = 0
        self.examples: Counter[str] = Counter()

    def add(self, labels: Iterable[str]) -> None:
        """Count a text with the labels of its spans."""
        self.texts += 1
        self.examples.update(labels)

    def findings(self, origin: Origin, labels: Sequence[str], where: str) -> Iterator[Finding]:
        """Yield warnings about too few texts or examples.

        ``labels`` are those that should occur; ``where`` names the data (``in this file``).
        Codes: ``too-few-texts``, ``no-examples``, ``too-few-examples``, ``similar-labels``.
        """
        if self.texts < FEW_TEXTS:
            advice, texts = f"fewer than {FEW_TEXTS} are not enough", "text" if self.texts == 1 else "texts"
            yield make_warning(origin, "too-few-texts", f"only {self.texts} {texts} {where}; {advice}")
        for label in labels:
            count = self.examples[label]
            if count == 0:
                yield make_warning(origin, "no-examples", f"no example of {label} {where}")
            elif count < FEW_EXAMPLES:
                advice = f"fewer than {FEW_EXAMPLES} are rarely enough"
                plural = "s" * (count > 1)
                message = f"only {count} example{plural} of {label} {where}; {advice}"
                yield make_warning(origin, "too-few-examples", message)
        folded: dict[str, str] = {}
        for label in sorted(self.examples):
            first = folded.setdefault(label.casefold(), label)
            if first != label:
                message = f"the labels {first} and {label} differ only in case; they count as two"
                yield make_warning(origin, "similar-labels", message)

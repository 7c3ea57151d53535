"""``LabelMap``: the labels of a file as those of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nerture.core.annotations.record import Problem, Record
from nerture.core.annotations.span_validation import described
from nerture.core.suggest_name import nearest


class LabelMap:
    """Renames labels, and knows which the pipeline has; one without ``labels`` takes every label.

    ``names`` are labels of the file with the pipeline's label for each; None: not ours.
    """

    def __init__(self, labels: Sequence[str], names: Mapping[str, str | None]) -> None:
        self.labels, self.names = tuple(labels), names

    def ours(self, label: str) -> str | None:
        """Return the pipeline's name of a label of the file; None if it is not ours."""
        return self.names.get(label, label)

    def refusal(self, label: str | None) -> str | None:
        """Say that the pipeline has no such label; None if it has it, or if the label is not ours."""
        if label is None or not self.labels or label in self.labels:
            return None
        similar = nearest(label, self.labels)
        hint = f"did you mean {similar}?" if similar else f"it has {', '.join(self.labels)}"
        return f"{label!r} is not a label of the pipeline; {hint}"

    def complete(self, labels: frozenset[str]) -> frozenset[str]:
        """Return for which labels of ours a text is complete that is so for these labels of the file.

        Where several of theirs are one of ours, it is complete only if all of them are.
        """
        ours = {name for label in labels if (name := self.ours(label)) is not None}
        return frozenset(ours - {name for label, name in self.names.items() if label not in labels})

    def problems(self, record: Record) -> Iterator[Problem]:
        """Yield a problem (``unknown-label``) for each label of the row that the pipeline does not have."""
        for span in record.spans or ():
            if refusal := self.refusal(self.ours(span.label)):
                yield Problem(record.origin, "unknown-label", f"{described(record.text, span)}: {refusal}")
        if isinstance(record.complete, frozenset):
            for label in sorted({name for label in record.complete if (name := self.ours(label))}):
                if refusal := self.refusal(label):
                    yield Problem(record.origin, "unknown-label", f"complete: {refusal}")

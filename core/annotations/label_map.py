"""``LabelMap``: maps the labels of a file to those of the pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from nerture.core.annotations.record import Problem, Record
from nerture.core.annotations.span_validation import format_span
from nerture.core.suggest_name import suggest_name


class LabelMap:
    """Maps labels, and knows the pipeline's ``labels``; without them, every label is valid.

    ``names`` maps labels of the file to labels of the pipeline, or to None if they are dropped.
    """

    def __init__(self, labels: Sequence[str], names: Mapping[str, str | None]) -> None:
        self.labels, self.names = tuple(labels), names

    def map_label(self, label: str) -> str | None:
        """Return the pipeline's name of a label of the file, or None if the label is dropped."""
        return self.names.get(label, label)

    def find_refusal(self, label: str | None) -> str | None:
        """Return a message if the pipeline does not have this label; None if it does, or for None."""
        if label is None or not self.labels or label in self.labels:
            return None
        similar = suggest_name(label, self.labels)
        hint = f"did you mean {similar}?" if similar else f"it has {', '.join(self.labels)}"
        return f"{label!r} is not a label of the pipeline; {hint}"

    def map_complete(self, labels: frozenset[str]) -> frozenset[str]:
        """Return the pipeline's labels for which a text is complete, given those of the file.

        If several labels of the file map to one label, the text is complete for it only if it is for all.
        """
        ours = {name for label in labels if (name := self.map_label(label)) is not None}
        return frozenset(ours - {name for label, name in self.names.items() if label not in labels})

    def find_problems(self, record: Record) -> Iterator[Problem]:
        """Yield a problem (``unknown-label``) for each label of the row that the pipeline does not have."""
        for span in record.spans or ():
            if refusal := self.find_refusal(self.map_label(span.label)):
                yield Problem(record.origin, "unknown-label", f"{format_span(record.text, span)}: {refusal}")
        if isinstance(record.complete, frozenset):
            for label in sorted({name for label in record.complete if (name := self.map_label(label))}):
                if refusal := self.find_refusal(label):
                    yield Problem(record.origin, "unknown-label", f"complete: {refusal}")

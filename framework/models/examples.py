"""Examples as people write them in Python, to targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from nerture.core.annotations.record import CharSpan, Record
from nerture.core.errors import Origin
from nerture.core.targets.target import Target
from nerture.errors import DataError
from nerture.interfaces import Services

Example: TypeAlias = "Target | Mapping[str, Any] | tuple[str, Mapping[str, Any]]"
"""A target, a ``{"text", "spans"}`` row, or ``(text, {"entities": [(start, end, label)]})``."""


def as_target(example: Example, services: Services) -> Target:
    """Return the example as a target; raises ``DataError`` if a span does not fit the text or its tokens."""
    if isinstance(example, Target):
        return example
    text, spans, said = _parts(example)
    complete = _complete(said, services.labels)
    doc = services.doc(Record(text, Origin("<example>")))
    found = []
    for char_span in spans:
        if not isinstance(char_span.start_char, int) or not isinstance(char_span.end_char, int):
            raise DataError(f"expected whole numbers as character offsets, got {char_span}")
        span = doc.char_span(char_span.start_char, char_span.end_char, char_span.label)
        if span is None:
            raise DataError(
                f"characters {char_span.start_char} to {char_span.end_char} ({char_span.label}) "
                f"are not whole tokens of {text[:60]!r}"
            )
        if span.label not in services.labels:
            raise DataError(f"{span}: the label is not one of {', '.join(services.labels)}")
        found.append(span)
    doc.spans = found  # refuses spans that overlap
    return Target(doc, tuple(doc.spans), complete)


def _parts(
    example: Mapping[str, Any] | tuple[str, Mapping[str, Any]],
) -> tuple[str, list[CharSpan], Any]:
    """Take a row or a pair apart: text, spans, and what it says of its completeness."""
    try:
        if isinstance(example, Mapping):
            text = example["text"]
            spans = [CharSpan(span["start"], span["end"], span["label"]) for span in example["spans"]]
            said = example.get("complete", True)
        else:
            text, annotations = example
            spans = [CharSpan(start, end, label) for start, end, label in annotations["entities"]]
            said = annotations.get("complete", True)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            "expected a Target, {'text', 'spans'} or (text, {'entities': [...]}), "
            f"got {example!r:.80}"
        ) from error
    if not isinstance(text, str):
        raise DataError(f"text: expected a text, got {type(text).__name__}")
    return text, spans, said


def _complete(said: Any, labels: Sequence[str]) -> bool | frozenset[str]:
    """Check of which labels an example is complete."""
    if isinstance(said, bool):
        return said
    if not isinstance(said, list | tuple | set | frozenset) or not all(label in labels for label in said):
        raise DataError(
            f"complete: expected True, False, and some of {', '.join(labels)}, got {said!r:.80}"
        )
    return frozenset(said)

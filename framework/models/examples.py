"""Converts examples as people write them in Python to targets."""

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
    text, char_spans, declared = _split(example)
    complete = _check_complete(declared, services.labels)
    doc = services.doc(Record(text, Origin("<example>")))
    spans = []
    for char_span in char_spans:
        if not isinstance(char_span.start_char, int) or not isinstance(char_span.end_char, int):
            raise DataError(f"character offsets: expected whole numbers, got {char_span}")
        span = doc.char_span(char_span.start_char, char_span.end_char, char_span.label)
        if span is None:
            raise DataError(
                f"characters {char_span.start_char} to {char_span.end_char} ({char_span.label}) "
                f"are not whole tokens of {text[:60]!r}"
            )
        if span.label not in services.labels:
            raise DataError(f"{span}: expected a label of {', '.join(services.labels)}, got {span.label!r}")
        spans.append(span)
    doc.spans = spans  # refuses spans that overlap
    return Target(doc, tuple(doc.spans), complete)


def _split(
    example: Mapping[str, Any] | tuple[str, Mapping[str, Any]],
) -> tuple[str, list[CharSpan], Any]:
    """Split a row or a pair into text, spans, and the labels for which it is complete."""
    try:
        if isinstance(example, Mapping):
            text = example["text"]
            spans = [CharSpan(span["start"], span["end"], span["label"]) for span in example["spans"]]
            complete = example.get("complete", True)
        else:
            text, annotations = example
            spans = [CharSpan(start, end, label) for start, end, label in annotations["entities"]]
            complete = annotations.get("complete", True)
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"expected a Target, {{'text', 'spans'}} or (text, {{'entities': [...]}}), got {example!r:.80}"
        ) from error
    if not isinstance(text, str):
        raise DataError(f"text: expected a text, got {type(text).__name__}")
    return text, spans, complete


def _check_complete(value: Any, labels: Sequence[str]) -> bool | frozenset[str]:
    """Return the value of ``complete``; raises ``DataError`` unless it is a bool or a list of labels."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, list | tuple | set | frozenset) or not all(label in labels for label in value):
        raise DataError(
            f"complete: expected True, False or a list of labels of {', '.join(labels)}, got {value!r:.80}"
        )
    return frozenset(value)

"""Reads rows written by a teacher: probabilities of spans, or of each token's tags, field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nerture.core.annotations.json_rows import format_value, has_entities_as_spans, is_label
from nerture.core.annotations.record import CharSpan, Problem, Record
from nerture.core.annotations.tag_schemes import is_tag
from nerture.core.errors import DataError
from nerture.core.lattice.conditioning import condition_tags
from nerture.core.targets.projection import to_characters
from nerture.core.targets.span_mixtures import coverage, sum_span_rows
from nerture.core.targets.span_probabilities import SpanProbabilities

if TYPE_CHECKING:
    import numpy.typing as npt

TOLERANCE = 0.01
"""How far sums of probabilities may deviate from 1, or exceed it: numbers in files are rounded."""

AddProblem: TypeAlias = Callable[[str, str], None]
"""Called with a problem's code and message."""


def has_tags(record: Record) -> bool:
    """Return True if the row has probabilities of each token's tags; its tokens are then the teacher's."""
    return "tags" in record.fields


def read_teacher_row(
    record: Record, labels: Sequence[str] | None = None, independent: bool = False
) -> SpanProbabilities | list[Problem]:
    """Return the probabilities of a row's spans, in characters, or every problem with the row.

    A row has ``spans`` with a ``probability`` each and ``labels``, all that the teacher knows (by default the
    argument ``labels``); or ``tokens``, ``tags`` (O, B-LABEL, ..) and ``probabilities``: for each token a
    list of numbers, one for each tag. Unless they are ``independent``, the probabilities of overlapping spans
    may sum to at most 1. Problem codes: ``no-probabilities``, ``bad-probability``, ``too-much-probability``,
    ``missing-labels``, ``bad-labels``, ``bad-tags``, ``unknown-label``.
    """
    problems: list[Problem] = []

    def add_problem(code: str, message: str) -> None:
        problems.append(Problem(record.origin, code, message))

    teacher = None
    if has_tags(record):
        teacher = _read_tags(record, add_problem)
    elif record.spans is not None:
        teacher = _read_spans(record, record.spans, labels, independent, add_problem)
    else:
        add_problem("no-probabilities", "the row has neither spans with probabilities nor tags")
    return problems if teacher is None or problems else teacher


def _read_spans(
    record: Record,
    spans: Sequence[CharSpan],
    default: Sequence[str] | None,
    independent: bool,
    add_problem: AddProblem,
) -> SpanProbabilities | None:
    labels = _read_labels(record.fields.get("labels", default), add_problem)
    items = record.fields["entities" if has_entities_as_spans(record.fields) else "spans"]
    if labels is None:
        return None
    rows, probabilities = [], []
    for index, (span, item) in enumerate(zip(spans, items, strict=True)):
        probability: Any = item.get("probability") if isinstance(item, Mapping) else None
        if not _is_probability(probability):
            value = "nothing" if probability is None else format_value(probability)
            message = f"spans[{index}].probability: expected a number from 0 to 1, got {value}"
            add_problem("bad-probability", message)
        elif span.label not in labels:
            message = f"spans[{index}].label: expected one of {', '.join(labels)}, got {span.label!r}"
            add_problem("unknown-label", message)
        else:
            rows.append((span.start_char, span.end_char, labels.index(span.label)))
            probabilities.append(float(probability))
    bounds = np.array(rows, np.int32).reshape(-1, 3)
    if not independent and rows:
        sums = coverage(bounds, probabilities, len(record.text))
        if sums.max() > 1 + TOLERANCE:
            position = int(sums.argmax())
            character = format_value(record.text[position])
            add_problem(
                "too-much-probability",
                f"the probabilities of the spans over character {position}, {character}, sum to "
                f"{sums[position]:.3g}: expected at most 1, since entities do not overlap; if they were "
                "computed independently of each other, set `independent: true`",
            )
    if independent:  # several rows of one span are not summed here
        return SpanProbabilities(labels, bounds, np.array(probabilities, np.float32))
    return sum_span_rows(labels, bounds, probabilities)


def _read_labels(value: object, add_problem: AddProblem) -> tuple[str, ...] | None:
    if value is None:
        add_problem(
            "missing-labels",
            "the row does not say which labels its teacher knows; add `labels` to the row or to the source",
        )
    elif not isinstance(value, list | tuple) or not all(
        isinstance(label, str) and is_label(label) for label in value
    ):
        add_problem("bad-labels", f"labels: expected a list of labels, got {format_value(value)}")
    elif len(set(value)) < len(value):
        add_problem("bad-labels", f"labels: expected different labels, got {format_value(value)}")
    else:
        return tuple(value)
    return None


def _read_tags(record: Record, add_problem: AddProblem) -> SpanProbabilities | None:
    tags, offsets = record.fields["tags"], record.offsets
    if not isinstance(tags, list) or not all(isinstance(tag, str) and is_tag(tag) for tag in tags):
        add_problem("bad-tags", f"tags: expected a list of O, B-LABEL, I-LABEL, .., got {format_value(tags)}")
        return None
    if offsets is None:
        if record.text.strip():
            add_problem("bad-tags", "the row has tags but no tokens")
            return None
        offsets = np.empty((0, 2), np.int32)
    table = _read_table(record.fields.get("probabilities"), len(offsets), len(tags), add_problem)
    if table is None:
        return None
    try:
        return to_characters(condition_tags(tags, table), offsets)
    except DataError as error:
        add_problem("bad-tags", str(error))
        return None


def _read_table(
    value: object, tokens: int, tags: int, add_problem: AddProblem
) -> npt.NDArray[np.float64] | None:
    """Return the probabilities (N, T) of each token's tags, or None after adding a problem."""
    expected = f"{tokens} lists (one per token) of {tags} numbers (one per tag) from 0 to 1"
    try:
        table = np.array(value)
    except ValueError:  # lists of different lengths
        table = np.empty(0)
    if tokens == 0 and value in (None, []):
        return np.zeros((0, tags))
    if table.shape != (tokens, tags) or table.dtype.kind not in "if":
        add_problem("bad-probability", f"probabilities: expected {expected}, got {format_value(value)}")
        return None
    sums = table.sum(axis=1)
    bad = ~((table >= 0) & (table <= 1)).all(axis=1) | ~(np.abs(sums - 1) <= TOLERANCE)
    for token in np.flatnonzero(bad)[:1].tolist():
        numbers = format_value(np.round(table[token], 4).tolist())
        add_problem(
            "bad-probability",
            f"probabilities[{token}]: expected numbers from 0 to 1 that sum to 1, got {numbers}, "
            f"which sum to {sums[token]:.4g}",
        )
        return None
    return table.astype(np.float64)


def _is_probability(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1

"""Rows that a teacher wrote: probabilities of spans, or of each token's tags, checked field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nerture.core.annotations.json_rows import holds_entities, is_label, shown
from nerture.core.annotations.record import CharSpan, Problem, Record
from nerture.core.annotations.tag_schemes import is_tag
from nerture.core.errors import DataError
from nerture.core.lattice.conditioning import of_tags
from nerture.core.targets.projection import in_characters
from nerture.core.targets.span_mixtures import coverage, put_together
from nerture.core.targets.span_probabilities import SpanProbabilities

if TYPE_CHECKING:
    import numpy.typing as npt

TOLERANCE = 0.01
"""How far sums of probabilities may lie from 1, or above it: files hold rounded numbers."""

Say: TypeAlias = Callable[[str, str], None]
"""Takes a problem's code and message."""


def tells_tags(record: Record) -> bool:
    """Say whether a row tells the probabilities of each token's tags; its tokens are then the teacher's."""
    return "tags" in record.fields


def read_teacher_row(
    record: Record, labels: Sequence[str] | None = None, independent: bool = False
) -> SpanProbabilities | list[Problem]:
    """Return the probabilities of a row's spans, which count characters, or every problem with the row.

    A row has ``spans`` with a ``probability`` each, and ``labels``, those that the teacher speaks about (by
    default the argument ``labels``); or ``tokens``, ``tags`` (O, B-LABEL, ..) and ``probabilities``: for each
    token a list of numbers, one for each tag. Unless they are ``independent``, spans that overlap share what
    there is: 1. Problem codes: ``no-probabilities``, ``bad-probability``, ``too-much-probability``,
    ``missing-labels``, ``bad-labels``, ``bad-tags``, ``unknown-label``.
    """
    problems: list[Problem] = []

    def say(code: str, message: str) -> None:
        problems.append(Problem(record.origin, code, message))

    found = None
    if tells_tags(record):
        found = _of_tags(record, say)
    elif record.spans is not None:
        found = _of_spans(record, record.spans, labels, independent, say)
    else:
        say("no-probabilities", "the row has neither spans with probabilities nor tags")
    return problems if found is None or problems else found


def _of_spans(
    record: Record, spans: Sequence[CharSpan], default: Sequence[str] | None, independent: bool, say: Say
) -> SpanProbabilities | None:
    labels = _labels(record.fields.get("labels", default), say)
    items = record.fields["entities" if holds_entities(record.fields) else "spans"]
    if labels is None:
        return None
    rows, probabilities = [], []
    for index, (span, item) in enumerate(zip(spans, items, strict=True)):
        probability: Any = item.get("probability") if isinstance(item, Mapping) else None
        if not _is_probability(probability):
            what = "is missing" if probability is None else f"is {shown(probability)}"
            say("bad-probability", f"spans[{index}].probability {what}, allowed is a number from 0 to 1")
        elif span.label not in labels:
            listed = ", ".join(labels)
            say("unknown-label", f"spans[{index}]: {span.label!r} is not one of the row's labels: {listed}")
        else:
            rows.append((span.start_char, span.end_char, labels.index(span.label)))
            probabilities.append(float(probability))
    found = np.array(rows, np.int32).reshape(-1, 3)
    if not independent and rows:
        promised = coverage(found, probabilities, len(record.text))
        if promised.max() > 1 + TOLERANCE:
            place = int(promised.argmax())
            say(
                "too-much-probability",
                f"the spans over character {place}, {shown(record.text[place])}, have probabilities that sum "
                f"to {promised[place]:.3g}, allowed is 1: entities do not overlap; if each was computed "
                "without regard to the others, say `independent: true`",
            )
    if independent:  # several rows of one span are not added up here
        return SpanProbabilities(labels, found, np.array(probabilities, np.float32))
    return put_together(labels, found, probabilities)


def _labels(value: object, say: Say) -> tuple[str, ...] | None:
    if value is None:
        say(
            "missing-labels",
            "the row does not say which labels its teacher speaks about; "
            "add `labels` to it, or to the source",
        )
    elif not isinstance(value, list | tuple) or not all(
        isinstance(label, str) and is_label(label) for label in value
    ):
        say("bad-labels", f"labels: expected a list of labels, got {shown(value)}")
    elif len(set(value)) < len(value):
        say("bad-labels", f"labels is {shown(value)}: one stands there twice")
    else:
        return tuple(value)
    return None


def _of_tags(record: Record, say: Say) -> SpanProbabilities | None:
    tags, offsets = record.fields["tags"], record.offsets
    if not isinstance(tags, list) or not all(isinstance(tag, str) and is_tag(tag) for tag in tags):
        say("bad-tags", f"tags: expected a list of O, B-LABEL, I-LABEL, .., got {shown(tags)}")
        return None
    if offsets is None:
        if record.text.strip():
            say("bad-tags", "the row has tags, but no tokens that they belong to")
            return None
        offsets = np.empty((0, 2), np.int32)
    table = _table(record.fields.get("probabilities"), len(offsets), len(tags), say)
    if table is None:
        return None
    try:
        return in_characters(of_tags(tags, table), offsets)
    except DataError as error:
        say("bad-tags", str(error))
        return None


def _table(value: object, tokens: int, tags: int, say: Say) -> npt.NDArray[np.float64] | None:
    """Return the probabilities (N, T) of each token's tags, or None and a problem."""
    form = f"{tokens} lists (one a token) of {tags} numbers (one a tag)"
    try:
        table = np.array(value)
    except ValueError:  # lists of different lengths
        table = np.empty(0)
    if tokens == 0 and value in (None, []):
        return np.zeros((0, tags))
    if table.shape != (tokens, tags) or table.dtype.kind not in "if":
        say("bad-probability", f"probabilities: expected {form} from 0 to 1, got {shown(value)}")
        return None
    sums = table.sum(axis=1)
    bad = ~((table >= 0) & (table <= 1)).all(axis=1) | ~(np.abs(sums - 1) <= TOLERANCE)
    for token in np.flatnonzero(bad)[:1].tolist():
        numbers = shown(np.round(table[token], 4).tolist())
        say(
            "bad-probability",
            f"probabilities[{token}] is {numbers}, which sums to {sums[token]:.4g}, "
            "allowed are numbers from 0 to 1 that sum to 1",
        )
        return None
    return table.astype(np.float64)


def _is_probability(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1

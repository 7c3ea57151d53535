"""Faults of the spans of one text: duplicates, overlaps, whitespace at the edges, bounds inside tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nerture.core.annotations.json_rows import format_value
from nerture.core.annotations.record import CharSpan
from nerture.core.text.alignment import find_cut_tokens, find_touched_tokens, trim
from nerture.core.text.doc import Offsets


class Fault(NamedTuple):
    """A fault's code and message, and the index of the span that has it."""

    code: str
    message: str
    span: int


def format_span(text: str, span: CharSpan) -> str:
    """Return the span as messages show it: label, text, characters."""
    body = format_value(text[span.start_char : span.end_char])
    return f"{span.label} {body} (characters {span.start_char} to {span.end_char})"


def find_span_faults(text: str, offsets: Offsets, spans: Sequence[CharSpan]) -> Iterator[Fault]:
    """Yield each fault of ``spans``, which are within ``text`` and not empty; ``offsets`` (N, 2): tokens.

    Codes: ``span-duplicate`` (bounds and label of an earlier one), ``span-overlap``, ``span-whitespace`` (at
    an edge), ``span-inside-token`` (begins or ends there), ``span-outside-tokens`` (not covered by tokens).
    """
    yield from _find_collisions(text, spans)
    for index, span in enumerate(spans):
        start, end = trim(text, span.start_char, span.end_char)
        if (start, end) != (span.start_char, span.end_char):
            fault = "has whitespace at its edges" if end > start else "is only whitespace"
            yield Fault("span-whitespace", f"{format_span(text, span)} {fault}", index)
        if end > start:
            yield from _find_token_faults(text, offsets, CharSpan(start, end, span.label), index)


def _find_collisions(text: str, spans: Sequence[CharSpan]) -> Iterator[Fault]:
    """Compare each span, in order, with the earlier one that ends last."""
    furthest: CharSpan | None = None
    seen: set[tuple[int, int, str]] = set()
    for index in sorted(range(len(spans)), key=lambda i: (spans[i].start_char, spans[i].end_char)):
        span = spans[index]
        key = (span.start_char, span.end_char, span.label)
        if key in seen:
            yield Fault("span-duplicate", f"{format_span(text, span)} is there twice", index)
        elif furthest is not None and span.start_char < furthest.end_char:
            pair = f"{format_span(text, span)} overlaps {format_span(text, furthest)}"
            yield Fault("span-overlap", f"{pair}; entities must not overlap", index)
        seen.add(key)
        if furthest is None or span.end_char > furthest.end_char:
            furthest = span


def _find_token_faults(text: str, offsets: Offsets, span: CharSpan, index: int) -> Iterator[Fault]:
    cut = find_cut_tokens(offsets, [span.start_char, span.end_char])
    verbs = [(verb, int(token)) for verb, token in zip(("begins", "ends"), cut, strict=True) if token >= 0]
    for verb, token in verbs:
        start, end = offsets[token].tolist()
        inside = f"{format_value(text[start:end])} ({start} to {end})"
        yield Fault("span-inside-token", f"{format_span(text, span)} {verb} inside the token {inside}", index)
    first, last = find_touched_tokens(offsets, [[span.start_char, span.end_char]])[0].tolist()
    if not verbs and (
        first == last or offsets[first, 0] != span.start_char or offsets[last - 1, 1] != span.end_char
    ):
        message = f"{format_span(text, span)} begins or ends where there is no token"
        yield Fault("span-outside-tokens", message, index)


def as_tokens(offsets: Offsets, spans: Sequence[CharSpan]) -> list[tuple[int, int]]:
    """Return the token bounds of spans without faults: ``[start, end)`` of each."""
    chars = np.array([(span.start_char, span.end_char) for span in spans], dtype=np.int32).reshape(-1, 2)
    return [(start, end) for start, end in find_touched_tokens(offsets, chars).tolist()]

"""What can be wrong with the spans of one text: doubled, overlapping, spaced at the edges, off the tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from nerture.core.annotations.json_rows import shown
from nerture.core.annotations.record import CharSpan
from nerture.core.text.alignment import token_holding, touched_tokens, trimmed
from nerture.core.text.doc import Offsets


class Fault(NamedTuple):
    """A fault's code and message, and the index of the span that has it."""

    code: str
    message: str
    span: int


def described(text: str, span: CharSpan) -> str:
    """Return the span as messages name it: label, text, characters."""
    body = shown(text[span.start_char : span.end_char])
    return f"{span.label} {body} (characters {span.start_char} to {span.end_char})"


def span_faults(text: str, offsets: Offsets, spans: Sequence[CharSpan]) -> Iterator[Fault]:
    """Yield each fault of ``spans``, which lie within ``text`` and are not empty; ``offsets`` (N, 2): tokens.

    Codes: ``span-duplicate`` (bounds and label of an earlier one), ``span-overlap``, ``span-whitespace`` (at
    an edge), ``span-inside-token`` (begins or ends there), ``span-outside-tokens`` (no token covers it).
    """
    yield from _collisions(text, spans)
    for index, span in enumerate(spans):
        start, end = trimmed(text, span.start_char, span.end_char)
        if (start, end) != (span.start_char, span.end_char):
            what = "has whitespace at its edges" if end > start else "is nothing but whitespace"
            yield Fault("span-whitespace", f"{described(text, span)} {what}", index)
        if end > start:
            yield from _off_tokens(text, offsets, CharSpan(start, end, span.label), index)


def _collisions(text: str, spans: Sequence[CharSpan]) -> Iterator[Fault]:
    """Compare each span, in order, with the one before it that reaches furthest."""
    furthest: CharSpan | None = None
    seen: set[tuple[int, int, str]] = set()
    for index in sorted(range(len(spans)), key=lambda i: (spans[i].start_char, spans[i].end_char)):
        span = spans[index]
        key = (span.start_char, span.end_char, span.label)
        if key in seen:
            yield Fault("span-duplicate", f"{described(text, span)} is given twice", index)
        elif furthest is not None and span.start_char < furthest.end_char:
            message = f"{described(text, span)} overlaps {described(text, furthest)}; entities do not overlap"
            yield Fault("span-overlap", message, index)
        seen.add(key)
        if furthest is None or span.end_char > furthest.end_char:
            furthest = span


def _off_tokens(text: str, offsets: Offsets, span: CharSpan, index: int) -> Iterator[Fault]:
    cut = token_holding(offsets, [span.start_char, span.end_char])
    verbs = [(verb, int(token)) for verb, token in zip(("begins", "ends"), cut, strict=True) if token >= 0]
    for verb, token in verbs:
        start, end = offsets[token].tolist()
        inside = f"{shown(text[start:end])} ({start} to {end})"
        yield Fault("span-inside-token", f"{described(text, span)} {verb} inside the token {inside}", index)
    first, last = touched_tokens(offsets, [[span.start_char, span.end_char]])[0].tolist()
    if not verbs and (
        first == last or offsets[first, 0] != span.start_char or offsets[last - 1, 1] != span.end_char
    ):
        message = f"{described(text, span)} begins or ends where the text has no token"
        yield Fault("span-outside-tokens", message, index)


def as_tokens(offsets: Offsets, spans: Sequence[CharSpan]) -> list[tuple[int, int]]:
    """Return the token bounds of spans that have no fault: ``[start, end)`` of each."""
    chars = np.array([(span.start_char, span.end_char) for span in spans], dtype=np.int32).reshape(-1, 2)
    return [(start, end) for start, end in touched_tokens(offsets, chars).tolist()]

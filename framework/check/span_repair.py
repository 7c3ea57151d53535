"""Repairs faulty spans of a text: trims them, expands them to tokens, drops duplicates and overlaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nerture.core.annotations.record import CharSpan
from nerture.core.annotations.span_validation import Fault, format_span
from nerture.core.text.alignment import find_touched_tokens, trim
from nerture.core.text.doc import Offsets


def repair_spans(
    text: str, offsets: Offsets, spans: Sequence[CharSpan]
) -> tuple[dict[int, CharSpan], list[Fault]]:
    """Return the repaired spans by their index in ``spans``, and what was done; the others are dropped.

    In this order: whitespace at the edges is removed, a span is expanded to the whole tokens (``offsets``,
    (N, 2)) that it touches, exact duplicates are dropped, and of overlapping spans the longest is kept (of
    equally long ones the first).
    """
    done: list[Fault] = []
    whole: dict[int, CharSpan] = {}
    for index, span in enumerate(spans):
        body = _trim(text, span, index, done)
        fitted = _expand_to_tokens(text, offsets, body, index, done) if body is not None else None
        if fitted is not None:
            whole[index] = fitted
    kept: dict[int, CharSpan] = {}
    for index in sorted(
        whole, key=lambda i: (whole[i].start_char - whole[i].end_char, whole[i].start_char, i)
    ):
        span = whole[index]
        rival = next((other for other in kept.values() if span.overlaps(other)), None)
        if rival is None:
            kept[index] = span
        elif (rival.start_char, rival.end_char, rival.label) == (span.start_char, span.end_char, span.label):
            done.append(Fault("span-duplicate", f"{format_span(text, span)} dropped: given twice", index))
        else:
            message = f"{format_span(text, span)} dropped: overlaps {format_span(text, rival)}"
            done.append(Fault("span-overlap", message, index))
    return kept, sorted(done, key=lambda fault: fault.span)


def _trim(text: str, span: CharSpan, index: int, done: list[Fault]) -> CharSpan | None:
    start, end = trim(text, span.start_char, span.end_char)
    if start == end:
        done.append(
            Fault("span-whitespace", f"{format_span(text, span)} dropped: nothing but whitespace", index)
        )
        return None
    if (start, end) == (span.start_char, span.end_char):
        return span
    body = replace(span, start_char=start, end_char=end)
    done.append(
        Fault("span-whitespace", f"{format_span(text, span)} trimmed to {format_span(text, body)}", index)
    )
    return body


def _expand_to_tokens(
    text: str, offsets: Offsets, span: CharSpan, index: int, done: list[Fault]
) -> CharSpan | None:
    chars = np.array([[span.start_char, span.end_char]], dtype=np.int32)
    first, last = find_touched_tokens(offsets, chars)[0].tolist()
    if first == last:
        done.append(Fault("span-outside-tokens", f"{format_span(text, span)} dropped: no token there", index))
        return None
    start, end = int(offsets[first, 0]), int(offsets[last - 1, 1])
    if (start, end) == (span.start_char, span.end_char):
        return span
    fitted = replace(span, start_char=start, end_char=end)
    done.append(
        Fault("span-inside-token", f"{format_span(text, span)} set to {format_span(text, fitted)}", index)
    )
    return fitted

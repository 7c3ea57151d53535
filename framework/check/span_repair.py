"""Faulty spans of one text made good: trimmed, grown to whole tokens, doubles and overlaps dropped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nerture.core.annotations.record import CharSpan
from nerture.core.annotations.span_validation import Fault, described
from nerture.core.text.alignment import touched_tokens, trimmed
from nerture.core.text.doc import Offsets


def repaired_spans(
    text: str, offsets: Offsets, spans: Sequence[CharSpan]
) -> tuple[dict[int, CharSpan], list[Fault]]:
    """Return the spans that stay, by their index in ``spans``, and what was done to which; others go.

    In this order: whitespace at the edges is cut off, a span is grown to the whole tokens (``offsets``, (N,
    2)) that it touches, exact doubles go, and of spans that overlap the longest stays (of equally long ones
    the first).
    """
    done: list[Fault] = []
    whole: dict[int, CharSpan] = {}
    for index, span in enumerate(spans):
        body = _trimmed(text, span, index, done)
        fitted = _on_tokens(text, offsets, body, index, done) if body is not None else None
        if fitted is not None:
            whole[index] = fitted
    kept: dict[int, CharSpan] = {}
    for index in sorted(
        whole, key=lambda i: (whole[i].start_char - whole[i].end_char, whole[i].start_char, i)
    ):
        span = whole[index]
        rival = next((other for other in kept.values() if _overlap(span, other)), None)
        if rival is None:
            kept[index] = span
        elif (rival.start_char, rival.end_char, rival.label) == (span.start_char, span.end_char, span.label):
            done.append(Fault("span-duplicate", f"{described(text, span)} dropped: given twice", index))
        else:
            message = f"{described(text, span)} dropped: overlaps {described(text, rival)}"
            done.append(Fault("span-overlap", message, index))
    return kept, sorted(done, key=lambda fault: fault.span)


def _trimmed(text: str, span: CharSpan, index: int, done: list[Fault]) -> CharSpan | None:
    start, end = trimmed(text, span.start_char, span.end_char)
    if start == end:
        done.append(
            Fault("span-whitespace", f"{described(text, span)} dropped: nothing but whitespace", index)
        )
        return None
    if (start, end) == (span.start_char, span.end_char):
        return span
    body = replace(span, start_char=start, end_char=end)
    done.append(
        Fault("span-whitespace", f"{described(text, span)} trimmed to {described(text, body)}", index)
    )
    return body


def _on_tokens(text: str, offsets: Offsets, span: CharSpan, index: int, done: list[Fault]) -> CharSpan | None:
    chars = np.array([[span.start_char, span.end_char]], dtype=np.int32)
    first, last = touched_tokens(offsets, chars)[0].tolist()
    if first == last:
        done.append(Fault("span-outside-tokens", f"{described(text, span)} dropped: no token there", index))
        return None
    start, end = int(offsets[first, 0]), int(offsets[last - 1, 1])
    if (start, end) == (span.start_char, span.end_char):
        return span
    fitted = replace(span, start_char=start, end_char=end)
    done.append(
        Fault("span-inside-token", f"{described(text, span)} set to {described(text, fitted)}", index)
    )
    return fitted


def _overlap(one: CharSpan, other: CharSpan) -> bool:
    return one.start_char < other.end_char and other.start_char < one.end_char

"""Rows with answers to questions, parsed to statements about their spans, in characters and own labels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

from nerture.core.annotations.json_rows import format_value
from nerture.core.annotations.record import CharSpan, Problem, Record
from nerture.core.annotations.span_validation import format_span


@dataclass(slots=True)
class ParsedAnswer:
    """What a row states: spans that are there, that are not there, and that are not all there at once.

    ``complete`` names the labels whose spans are all in ``accepted``: True (every label), or a set.
    ``left_out`` explains, in one sentence each, which parts of the row were not used.
    """

    accepted: list[CharSpan] = field(default_factory=list)
    rejected: list[CharSpan] = field(default_factory=list)
    not_together: list[CharSpan] = field(default_factory=list)
    complete: bool | frozenset[str] = frozenset()
    left_out: list[str] = field(default_factory=list)


def find_answer_problem(record: Record) -> Problem | None:
    """Return why the row cannot be read as answers (``not-an-answer``, ``bad-timestamp``); None if it can."""
    if record.answer is None and (not record.spans or any(span.answer is None for span in record.spans)):
        reason = "not all of its spans have one" if record.spans else "it has no spans"
        message = f"not an answer: the row has no `answer`, and {reason}; use source `gold` for annotations"
        return Problem(record.origin, "not-an-answer", message)
    time = record.fields.get("_timestamp")
    if time is not None and (
        not isinstance(time, int | float) or isinstance(time, bool) or not math.isfinite(time)
    ):
        message = f"_timestamp: expected a number of seconds, got {format_value(time)}"
        return Problem(record.origin, "bad-timestamp", message)
    return None


def parse_answer(record: Record) -> ParsedAnswer:
    """Parse a row that has answers.

    A span's own answer takes precedence; the row's answer applies to the other spans. ``accept``: each of
    them is there. ``reject``: a single one is not there; of several, not all are. ``ignore``: nothing.

    The row is complete if it is accepted and says so, by ``complete`` or by a false ``_is_binary``, which
    marks a text that was annotated as a whole. If such a row is rejected, its analysis is wrong, which says
    nothing about any single span. A row with an ignored span is not complete.
    """
    parsed = ParsedAnswer()
    spans = record.spans or ()
    of_row = list(dict.fromkeys(span for span in spans if span.answer is None))
    parsed.accepted = [span for span in spans if (span.answer or record.answer) == "accept"]
    parsed.rejected = [span for span in spans if span.answer == "reject"]
    ignored = [span for span in spans if span.answer == "ignore"]
    parsed.left_out = [f"{format_span(record.text, span)} is ignored" for span in ignored]
    complete = _read_complete(record)
    if record.answer == "ignore":
        if of_row or not spans:
            parsed.left_out.append("its answer is ignore")
    elif record.answer == "reject":
        if complete:
            parsed.left_out.append("an analysis of the whole text is rejected, not a single span")
        elif not spans:
            parsed.left_out.append("rejected without a span")
        elif len(of_row) == 1:
            parsed.rejected += of_row
        elif _any_overlap(of_row):
            parsed.left_out.append("overlapping spans are rejected together; they are never all there anyway")
        else:
            parsed.not_together = of_row
    elif complete and not ignored:
        parsed.complete = complete
    elif not spans:
        parsed.left_out.append("accepted without a span, and not declared complete")
    elif complete:
        parsed.left_out.append("not complete, because a span is ignored")
    return parsed


def _any_overlap(spans: list[CharSpan]) -> bool:
    ordered = sorted(spans, key=lambda span: span.start_char)
    return any(after.start_char < before.end_char for before, after in pairwise(ordered))


def _read_complete(record: Record) -> bool | frozenset[str]:
    if record.complete is None:
        return record.fields.get("_is_binary") is False
    return record.complete

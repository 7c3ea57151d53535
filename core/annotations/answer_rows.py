"""What a row with answers to questions says of its spans, in characters and in its own labels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

from nerture.core.annotations.json_rows import shown
from nerture.core.annotations.record import CharSpan, Problem, Record
from nerture.core.annotations.span_validation import described


@dataclass(slots=True)
class ParsedAnswer:
    """What a row says: which spans are there, which are not, which are not all there at once.

    ``complete`` says for which labels ``accepted`` are all there are: True (every label), or a set.
    ``left_out`` tells, a sentence each, of what nothing follows from.
    """

    accepted: list[CharSpan] = field(default_factory=list)
    rejected: list[CharSpan] = field(default_factory=list)
    not_together: list[CharSpan] = field(default_factory=list)
    complete: bool | frozenset[str] = frozenset()
    left_out: list[str] = field(default_factory=list)


def not_an_answer(record: Record) -> Problem | None:
    """Return why the row cannot be read as answers (``not-an-answer``, ``bad-timestamp``); None if it can."""
    if record.answer is None and (not record.spans or any(span.answer is None for span in record.spans)):
        found = "its spans have none of their own" if record.spans else "it has no span either"
        message = f"not an answer: the row has no `answer`, and {found}; use source `gold` for annotations"
        return Problem(record.origin, "not-an-answer", message)
    time = record.fields.get("_timestamp")
    if time is not None and (
        not isinstance(time, int | float) or isinstance(time, bool) or not math.isfinite(time)
    ):
        message = f"_timestamp: expected a number of seconds, got {shown(time)}"
        return Problem(record.origin, "bad-timestamp", message)
    return None


def said_by(record: Record) -> ParsedAnswer:
    """Read a row that has answers.

    A span's own answer counts before the row's; the row's is about the other spans. ``accept``: each of them
    is there. ``reject``: a single one is not there; of several, not all are. ``ignore``: nothing.

    The row is complete if it says so and is accepted: by ``complete``, or by an ``_is_binary`` that is false,
    which stands for a text that was annotated as a whole. Where such a row is rejected, the analysis is, and
    that says nothing of a single span. A row that ignores a span is not complete.
    """
    said = ParsedAnswer()
    spans = record.spans or ()
    of_row = list(dict.fromkeys(span for span in spans if span.answer is None))
    said.accepted = [span for span in spans if (span.answer or record.answer) == "accept"]
    said.rejected = [span for span in spans if span.answer == "reject"]
    ignored = [span for span in spans if span.answer == "ignore"]
    said.left_out = [f"{described(record.text, span)} is ignored" for span in ignored]
    complete = _declared_complete(record)
    if record.answer == "ignore":
        if of_row or not spans:
            said.left_out.append("its answer is ignore")
    elif record.answer == "reject":
        if complete:
            said.left_out.append("what is rejected is an analysis of the whole text, no single span")
        elif not spans:
            said.left_out.append("rejected without a span")
        elif len(of_row) == 1:
            said.rejected += of_row
        elif _overlap(of_row):
            said.left_out.append("spans that overlap are rejected together; they are never all there anyway")
        else:
            said.not_together = of_row
    elif complete and not ignored:
        said.complete = complete
    elif not spans:
        said.left_out.append("accepted without a span, and not said to be complete")
    elif complete:
        said.left_out.append("not complete, for something in it is ignored")
    return said


def _overlap(spans: list[CharSpan]) -> bool:
    ordered = sorted(spans, key=lambda span: span.start_char)
    return any(after.start_char < before.end_char for before, after in pairwise(ordered))


def _declared_complete(record: Record) -> bool | frozenset[str]:
    if record.complete is None:
        return record.fields.get("_is_binary") is False
    return record.complete

"""What an answer says about its text, as a ``Target``."""

from __future__ import annotations

from collections.abc import Iterable

from nerture.core.errors import Origin
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span
from nerture.errors import DataError
from nerture.sessions.answers.question import Answer, Question

CharTriple = tuple[int, int, str]
"""Characters ``[start_char, end_char)`` and the label."""


def said_spans(question: Question, answer: Answer) -> tuple[CharTriple, ...]:
    """Return the spans that the answer is about: as they were mended, or as they were offered."""
    if answer.spans is not None:
        return answer.spans
    return tuple((span.start_char, span.end_char, span.label) for span in question.spans)


def statement(question: Question, answer: Answer, doc: Doc) -> Target | None:
    """Return what the answer says of the text; None: nothing (it is passed over, or the text set aside).

    An accepted text is complete for the question's labels. A rejected text says nothing of its spans: it is
    one that is not to be learned from. ``doc`` has the question's text and tokens.
    """
    if answer.verdict == "ignore" or (question.kind == "text" and answer.verdict == "reject"):
        return None
    spans = tuple(_span(doc, triple) for triple in said_spans(question, answer))
    origin = Origin(f"answer {answer.id}")
    if question.kind == "text":
        return Target(doc, tuple(sorted(spans, key=_order)), frozenset(question.labels), origin=origin)
    if answer.verdict == "reject":
        return Target(doc, complete=frozenset(), rejected=spans, origin=origin)
    offered = {(span.start_char, span.end_char, span.label) for span in question.spans}
    gone = offered - set(said_spans(question, answer))  # a mended span was not right as it was offered
    rejected = tuple(_span(doc, triple) for triple in sorted(gone))
    return Target(doc, spans, frozenset(), rejected, origin=origin)


def check_spans(question: Question, spans: Iterable[CharTriple], allowed: Iterable[str]) -> None:
    """Raise ``DataError`` for spans off the question's tokens, that overlap, or of a label not allowed."""
    starts = {start for start, _ in question.tokens}
    ends = {end for _, end in question.tokens}
    labels = tuple(allowed)
    before: CharTriple | None = None
    for span in sorted(spans):
        start, end, label = span
        if start not in starts or end not in ends or start >= end:
            raise DataError(
                f"characters {start} to {end} ({label}) are not whole tokens of {question.text[:60]!r}"
            )
        if label not in labels:
            raise DataError(f"expected {', '.join(labels)}, got the label {label!r}")
        if before is not None and start < before[1]:
            raise DataError(f"characters {before[0]} to {before[1]} and {start} to {end} overlap")
        before = span


def _span(doc: Doc, triple: CharTriple) -> Span:
    found = doc.char_span(*triple)
    if found is None:
        start, end, label = triple
        raise DataError(f"characters {start} to {end} ({label}) are not whole tokens of {doc.text[:60]!r}")
    return found


def _order(span: Span) -> tuple[int, int]:
    return span.start, span.end

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


def answer_spans(question: Question, answer: Answer) -> tuple[CharTriple, ...]:
    """Return the spans that the answer is about: the edited ones, or else the suggested ones."""
    if answer.spans is not None:
        return answer.spans
    return tuple((span.start_char, span.end_char, span.label) for span in question.spans)


def answer_to_target(question: Question, answer: Answer, doc: Doc) -> Target | None:
    """Return what the answer says about the text; None if nothing (skipped, or the text was rejected).

    An accepted text is complete for the question's labels. A rejected text says nothing about its spans; it
    is excluded from training. ``doc`` has the question's text and tokens.
    """
    if answer.verdict == "ignore" or (question.kind == "text" and answer.verdict == "reject"):
        return None
    spans = tuple(_to_span(doc, triple) for triple in answer_spans(question, answer))
    origin = Origin(f"answer {answer.id}")
    if question.kind == "text":
        return Target(doc, tuple(sorted(spans, key=_token_bounds)), frozenset(question.labels), origin=origin)
    if answer.verdict == "reject":
        return Target(doc, complete=frozenset(), rejected=spans, origin=origin)
    suggested = {(span.start_char, span.end_char, span.label) for span in question.spans}
    removed = suggested - set(answer_spans(question, answer))  # an edited span was wrong as suggested
    rejected = tuple(_to_span(doc, triple) for triple in sorted(removed))
    return Target(doc, spans, frozenset(), rejected, origin=origin)


def check_spans(question: Question, spans: Iterable[CharTriple], allowed: Iterable[str]) -> None:
    """Raise ``DataError`` if spans overlap, are not whole tokens, or have a label that is not allowed."""
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
            raise DataError(f"label: expected one of {', '.join(labels)}, got {label!r}")
        if before is not None and start < before[1]:
            raise DataError(f"characters {before[0]} to {before[1]} and {start} to {end} overlap")
        before = span


def _to_span(doc: Doc, triple: CharTriple) -> Span:
    span = doc.char_span(*triple)
    if span is None:
        start, end, label = triple
        raise DataError(f"characters {start} to {end} ({label}) are not whole tokens of {doc.text[:60]!r}")
    return span


def _token_bounds(span: Span) -> tuple[int, int]:
    return span.start, span.end

"""What was known of texts before a session began, on the tokens of the session's own texts and passages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span
from nerture.errors import DataError
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.text import Text


def told_of(pool: Pool, told: Iterable[Target]) -> dict[str, list[Target]]:
    """Return what was told of each text of the pool, oldest first; a passage has its part of its text's.

    Soft knowledge is left out, and so are groups of spans. Raises ``DataError`` for a span that is not whole
    tokens of the session's text, or that reaches from one passage into the next.
    """
    told = tuple(told)
    passages: defaultdict[str, list[tuple[Text, int]]] = defaultdict(list)
    for text in pool.texts if told else ():
        if text.start is not None:
            passages[text.row.text].append((text, text.start))
    found: defaultdict[str, list[Target]] = defaultdict(list)
    for target in told:
        whole = pool.find(target.doc.text)
        for text, start in [(whole, 0)] if whole is not None else passages[target.doc.text]:
            found[text.text].append(_part(target, text, start))
    return dict(found)


def _part(target: Target, text: Text, start: int) -> Target:
    """Return what a target says of the characters from ``start`` on that are a text of the pool."""
    end = start + len(text.text)
    doc = text.doc
    outside = []
    for token in target.outside:
        first, last = target.doc.offsets[token].tolist()
        covered = range(max(first, start) - start, min(last, end) - start)
        outside += [
            number
            for number, (begin, finish) in enumerate(doc.offsets.tolist())
            if begin < covered.stop and covered.start < finish
        ]
    return replace(
        target,
        doc=doc,
        spans=tuple(_moved(target.spans, doc, start, end)),
        rejected=tuple(_moved(target.rejected, doc, start, end)),
        outside=tuple(sorted(set(outside))),
        not_together=(),
        beliefs=(),
        teacher=None,
    )


def _moved(spans: Iterable[Span], doc: Doc, start: int, end: int) -> Iterator[Span]:
    for span in spans:
        if span.end_char <= start or end <= span.start_char:
            continue
        moved = doc.char_span(span.start_char - start, span.end_char - start, span.label)
        if moved is None:
            raise DataError(f"{span} is not whole tokens of the session's text {doc.text[:60]!r}")
        yield moved

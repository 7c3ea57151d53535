"""What was known about texts before a session, aligned with the session's own texts and passages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span
from nerture.errors import DataError
from nerture.sessions.pool.pool import Pool
from nerture.sessions.pool.text import Text


def align_prior_targets(pool: Pool, targets: Iterable[Target]) -> dict[str, list[Target]]:
    """Return the targets of each text of the pool, oldest first; a passage gets its part of the target.

    Soft knowledge and groups of spans are left out. Raises ``DataError`` for a span that is not whole tokens
    of the session's text, or that crosses a passage boundary.
    """
    targets = tuple(targets)
    passages: defaultdict[str, list[tuple[Text, int]]] = defaultdict(list)
    for text in pool.texts if targets else ():
        if text.start is not None:
            passages[text.row.text].append((text, text.start))
    aligned: defaultdict[str, list[Target]] = defaultdict(list)
    for target in targets:
        whole = pool.find(target.doc.text)
        for text, start in [(whole, 0)] if whole is not None else passages[target.doc.text]:
            aligned[text.text].append(_clip(target, text, start))
    return dict(aligned)


def _clip(target: Target, text: Text, start: int) -> Target:
    """Return the part of a target about a pool text that begins at the character ``start`` of its text."""
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
        spans=tuple(_shift_spans(target.spans, doc, start, end)),
        rejected=tuple(_shift_spans(target.rejected, doc, start, end)),
        outside=tuple(sorted(set(outside))),
        not_together=(),
        beliefs=(),
        teacher=None,
    )


def _shift_spans(spans: Iterable[Span], doc: Doc, start: int, end: int) -> Iterator[Span]:
    for span in spans:
        if span.end_char <= start or end <= span.start_char:
            continue
        shifted = doc.char_span(span.start_char - start, span.end_char - start, span.label)
        if shifted is None:
            raise DataError(f"{span} is not whole tokens of the session's text {doc.text[:60]!r}")
        yield shifted

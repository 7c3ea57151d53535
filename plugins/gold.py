"""The label source ``gold``: complete (or declared-partial) annotations of a file as targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from pydantic import Field, StrictBool

from nerture.core.alignment import split_tokens, touched_tokens, trimmed
from nerture.core.nearest import nearest
from nerture.core.span_faults import as_tokens, described, span_faults
from nerture.errors import ConfigError
from nerture.hookspecs import hookimpl
from nerture.interfaces import (
    Align,
    CharSpan,
    Doc,
    Format,
    Options,
    Problem,
    Record,
    Register,
    Services,
    Target,
)


class GoldOptions(Options):
    """Options of the source ``gold``."""

    path: str
    """The file; relative to the pipeline file."""
    format: Format = None
    """The reader's name, or ``{use: NAME, ...}`` with its options; by default the file itself says it."""
    align: Align = "error"
    """A span off the token boundaries: an error, or ``expand`` it to whole tokens, or ``split`` those."""
    complete: StrictBool | list[str] | None = None
    """The labels of which the spans are all there are, for rows that do not say; by default every label."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """Labels of the file to labels of the pipeline; null: not ours, left out."""


class Gold:
    """Makes a target of each annotated row.

    Rows whose answer is reject or ignore are left out, with a note. Problem codes: ``not-gold``,
    ``binary-answer``, ``unknown-label``, and those of ``core.span_faults``. With ``align`` expand or split,
    spaces at a span's edges are cut off first.
    """

    def __init__(self, options: GoldOptions, services: Services) -> None:
        self.options = options
        self.services = services
        self.labels = frozenset(services.labels)
        for name in [*options.map.values(), *_listed(options.complete)]:
            if name is not None and self._unknown(name):
                raise ConfigError(self._no_label(name))

    def targets(self) -> Iterator[Target | Problem]:
        """Yield a target, or the problems, of each row of the file."""
        for item in self.services.read(self.options.path, self.options.format):
            if isinstance(item, Problem):
                yield item
            elif why := _not_gold(item):
                yield why
            else:
                yield from self._target(item)

    def _target(self, record: Record) -> Iterator[Target | Problem]:
        problems: list[Problem] = []
        spans = self._own_labels(record, problems)
        complete = self._complete(record, problems)
        doc, spans = self._aligned(record.text, self.services.doc(record), spans)
        for fault in span_faults(doc.text, doc.offsets, spans):
            problems.append(Problem(record.origin, fault.code, fault.message))
        if problems:
            yield from problems
            return
        bounds = as_tokens(doc.offsets, spans)
        found = [doc.span(start, end, span.label) for (start, end), span in zip(bounds, spans, strict=True)]
        yield Target(doc, tuple(sorted(found, key=lambda span: span.start)), complete, origin=record.origin)

    def _own_labels(self, record: Record, problems: list[Problem]) -> list[CharSpan]:
        """Return the spans under the pipeline's labels, without those that are not ours."""
        spans = []
        for span in record.spans or ():
            label = self.options.map.get(span.label, span.label)
            if label is None:
                continue
            if self._unknown(label):
                message = f"{described(record.text, span)}: {self._no_label(label)}"
                problems.append(Problem(record.origin, "unknown-label", message))
            spans.append(replace(span, label=label))
        return spans

    def _complete(self, record: Record, problems: list[Problem]) -> bool | frozenset[str]:
        if record.complete is None:
            declared = self.options.complete
            return frozenset(declared) if isinstance(declared, list) else declared is not False or frozenset()
        if isinstance(record.complete, bool):
            return record.complete or frozenset()
        names = self.options.map
        ours = {name for label in record.complete if (name := names.get(label, label)) is not None}
        for label in sorted(name for name in ours if self._unknown(name)):
            problems.append(Problem(record.origin, "unknown-label", f"complete: {self._no_label(label)}"))
        # Several of their labels may be one of ours: it is complete only when all of them are.
        return frozenset(ours - {name for label, name in names.items() if label not in record.complete})

    def _aligned(self, text: str, doc: Doc, spans: list[CharSpan]) -> tuple[Doc, list[CharSpan]]:
        """Return tokens and spans as ``align`` makes them fit each other; what cannot fit stays as it is."""
        if self.options.align == "error" or not spans:
            return doc, spans
        trims = [trimmed(text, span.start_char, span.end_char) for span in spans]
        bodies = [
            replace(span, start_char=start, end_char=end) if start < end else span
            for span, (start, end) in zip(spans, trims, strict=True)
        ]
        chars = np.array([(span.start_char, span.end_char) for span in bodies], dtype=np.int32)
        if self.options.align == "split":
            return Doc.from_offsets(text, split_tokens(doc.offsets, chars)), bodies
        tokens = touched_tokens(doc.offsets, chars).tolist()
        return doc, [
            _over_tokens(body, doc, start, end) if start < end else body
            for body, (start, end) in zip(bodies, tokens, strict=True)
        ]

    def _unknown(self, label: str) -> bool:
        return bool(self.labels) and label not in self.labels

    def _no_label(self, label: str) -> str:
        """Say that the pipeline has no such label; one without labels takes every label."""
        similar = nearest(label, self.services.labels)
        hint = f"did you mean {similar}?" if similar else f"it has {', '.join(self.services.labels)}"
        return f"{label!r} is not a label of the pipeline; {hint}"


def _not_gold(record: Record) -> Problem | None:
    """Return why the row is not used as gold; None if it is."""
    if record.binary:
        message = "this is an answer to a question, not complete gold; use source `answers`"
        return Problem(record.origin, "binary-answer", message)
    if record.spans is None and record.answer is None:
        message = "not gold: the row has neither spans nor an answer, so it says nothing about entities"
        return Problem(record.origin, "not-gold", message)
    if record.answer in ("reject", "ignore"):
        return Problem(record.origin, "left-out", f"left out: its answer is {record.answer}", severity="note")
    return None


def _over_tokens(span: CharSpan, doc: Doc, start: int, end: int) -> CharSpan:
    return replace(span, start_char=int(doc.offsets[start, 0]), end_char=int(doc.offsets[end - 1, 1]))


def _listed(complete: bool | list[str] | None) -> list[str]:
    return complete if isinstance(complete, list) else []


def make_gold(options: GoldOptions, services: Services) -> Gold:
    """Make the source ``gold``."""
    return Gold(options, services)


@hookimpl
def nerture_register_sources(register: Register) -> None:
    """Hand in ``gold``."""
    register("gold", make_gold, config=GoldOptions)

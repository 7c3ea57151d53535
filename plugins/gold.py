"""The label source ``gold``: complete (or declared partial) annotations of a file or dataset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydantic import Field, StrictBool

from nerture import hookimpl
from nerture.errors import ConfigError
from nerture.interfaces import (
    Align,
    LabelMap,
    Problem,
    Record,
    Register,
    RowsOptions,
    Services,
    Target,
    align_spans,
    as_tokens,
    find_span_faults,
    read_rows,
)


class GoldOptions(RowsOptions):
    """Options of the source ``gold``."""

    align: Align = "error"
    """For spans off the token boundaries: an error, ``expand`` the span, or ``split`` the tokens."""
    complete: StrictBool | list[str] | None = None
    """The labels for which rows that do not say are complete; by default all."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """Labels of the file to labels of the pipeline; null for labels to skip."""


class Gold:
    """Makes a target of each annotated row.

    Rows whose answer is reject or ignore are skipped, with a note. Problem codes: ``not-gold``,
    ``binary-answer``, ``unknown-label``, and those of ``find_span_faults``. With ``align`` expand or split,
    spaces at a span's edges are removed first.
    """

    def __init__(self, options: GoldOptions, services: Services) -> None:
        self.options = options
        self.services = services
        self.labels = LabelMap(services.labels, options.map)
        for name in [*options.map.values(), *_as_list(options.complete)]:
            if refusal := self.labels.find_refusal(name):
                raise ConfigError(refusal)

    def targets(self) -> Iterator[Target | Problem]:
        """Yield the target or the problems of each row."""
        for item in read_rows(self.options, self.services):
            if isinstance(item, Problem):
                yield item
            elif problem := _find_problem(item):
                yield problem
            else:
                yield from self._read_row(item)

    def _read_row(self, record: Record) -> Iterator[Target | Problem]:
        problems = list(self.labels.find_problems(record))
        ours = [
            replace(span, label=label)
            for span in record.spans or ()
            if (label := self.labels.map_label(span.label)) is not None
        ]
        doc, spans = align_spans(self.services.doc(record), ours, self.options.align)
        for fault in find_span_faults(doc.text, doc.offsets, spans):
            problems.append(Problem(record.origin, fault.code, fault.message))
        if problems:
            yield from problems
            return
        bounds = as_tokens(doc.offsets, spans)
        gold = [doc.span(start, end, span.label) for (start, end), span in zip(bounds, spans, strict=True)]
        ordered = tuple(sorted(gold, key=lambda span: span.start))
        yield Target(doc, ordered, self._complete(record), origin=record.origin)

    def _complete(self, record: Record) -> bool | frozenset[str]:
        if record.complete is None:
            declared = self.options.complete
            return frozenset(declared) if isinstance(declared, list) else declared is not False or frozenset()
        if isinstance(record.complete, bool):
            return record.complete or frozenset()
        return self.labels.map_complete(record.complete)


def _find_problem(record: Record) -> Problem | None:
    """Return why the row is not gold; None if it is."""
    if record.binary:
        message = "expected complete annotations, got an answer to a question; use the source `answers`"
        return Problem(record.origin, "binary-answer", message)
    if record.spans is None and record.answer is None:
        message = "not gold: the row has neither spans nor an answer"
        return Problem(record.origin, "not-gold", message)
    if record.answer in ("reject", "ignore"):
        return Problem(record.origin, "left-out", f"left out: its answer is {record.answer}", severity="note")
    return None


def _as_list(complete: bool | list[str] | None) -> list[str]:
    return complete if isinstance(complete, list) else []


def make_gold(options: GoldOptions, services: Services) -> Gold:
    """Make the source ``gold``."""
    return Gold(options, services)


@hookimpl
def nerture_register_sources(register: Register) -> None:
    """Register ``gold``."""
    register("gold", make_gold, config=GoldOptions)

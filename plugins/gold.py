"""The label source ``gold``: complete (or declared-partial) annotations of a file or dataset as targets."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydantic import Field, StrictBool

from nerture.core.annotations.label_map import LabelMap
from nerture.core.annotations.span_alignment import fitted
from nerture.core.annotations.span_validation import as_tokens, span_faults
from nerture.errors import ConfigError
from nerture.hookspecs import hookimpl
from nerture.interfaces import (
    Align,
    Problem,
    Record,
    Register,
    RowsOptions,
    Services,
    Target,
)


class GoldOptions(RowsOptions):
    """Options of the source ``gold``."""

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
        self.labels = LabelMap(services.labels, options.map)
        for name in [*options.map.values(), *_listed(options.complete)]:
            if refusal := self.labels.refusal(name):
                raise ConfigError(refusal)

    def targets(self) -> Iterator[Target | Problem]:
        """Yield a target, or the problems, of each row of the file."""
        for item in self.options.rows(self.services):
            if isinstance(item, Problem):
                yield item
            elif why := _not_gold(item):
                yield why
            else:
                yield from self._target(item)

    def _target(self, record: Record) -> Iterator[Target | Problem]:
        problems = list(self.labels.problems(record))
        ours = [
            replace(span, label=label)
            for span in record.spans or ()
            if (label := self.labels.ours(span.label)) is not None
        ]
        doc, spans = fitted(self.services.doc(record), ours, self.options.align)
        for fault in span_faults(doc.text, doc.offsets, spans):
            problems.append(Problem(record.origin, fault.code, fault.message))
        if problems:
            yield from problems
            return
        bounds = as_tokens(doc.offsets, spans)
        found = [doc.span(start, end, span.label) for (start, end), span in zip(bounds, spans, strict=True)]
        ordered = tuple(sorted(found, key=lambda span: span.start))
        yield Target(doc, ordered, self._complete(record), origin=record.origin)

    def _complete(self, record: Record) -> bool | frozenset[str]:
        if record.complete is None:
            declared = self.options.complete
            return frozenset(declared) if isinstance(declared, list) else declared is not False or frozenset()
        if isinstance(record.complete, bool):
            return record.complete or frozenset()
        return self.labels.complete(record.complete)


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


def _listed(complete: bool | list[str] | None) -> list[str]:
    return complete if isinstance(complete, list) else []


def make_gold(options: GoldOptions, services: Services) -> Gold:
    """Make the source ``gold``."""
    return Gold(options, services)


@hookimpl
def nerture_register_sources(register: Register) -> None:
    """Hand in ``gold``."""
    register("gold", make_gold, config=GoldOptions)

"""The label source ``answers``: answers to questions, all those on one text as one target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from nerture.core.annotations.answer_rows import ParsedAnswer, not_an_answer, said_by
from nerture.core.annotations.label_map import LabelMap
from nerture.core.annotations.span_alignment import fitted
from nerture.core.annotations.span_validation import as_tokens, described, span_faults
from nerture.core.targets.consistency import check
from nerture.core.targets.merging import merge
from nerture.errors import ConfigError, ConflictError
from nerture.hookspecs import hookimpl
from nerture.interfaces import (
    Align,
    CharSpan,
    Doc,
    Problem,
    Record,
    Register,
    RowsOptions,
    Services,
    Span,
    Target,
)


class AnswersOptions(RowsOptions):
    """Options of the source ``answers``."""

    default_loss: ClassVar[str] = "lattice"

    align: Align = "split"
    """A span off the token boundaries: ``split`` the tokens, ``expand`` the span, or an error."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """Labels of the file to labels of the pipeline; null: not ours, left out."""


class Answers:
    """Makes one target of all the answers on a text.

    Notes: ``left-out`` for rows and spans of which nothing is learned, ``conflicting-answers``. Problem
    codes: ``not-an-answer``, ``bad-timestamp``, ``contradictory-answer``, ``unknown-label``, and those of
    ``core.span_faults``; but to say a thing twice is no fault, and rejected spans may overlap.
    """

    def __init__(self, options: AnswersOptions, services: Services) -> None:
        self.options = options
        self.services = services
        self.labels = LabelMap(services.labels, options.map)
        for name in options.map.values():
            if refusal := self.labels.refusal(name):
                raise ConfigError(refusal)

    def targets(self) -> Iterator[Target | Problem]:
        """Yield the problems of each row; then the texts, in the order in which they were met."""
        texts: dict[str, list[tuple[float | None, Target]]] = {}
        for item in self.options.rows(self.services):
            if isinstance(item, Problem):
                yield item
                continue
            for found in self._row(item):
                if isinstance(found, Problem):
                    yield found
                else:
                    texts.setdefault(item.text, []).append((item.fields.get("_timestamp"), found))
        for statements in texts.values():
            merged = merge(_oldest_first(statements), self.services.labels)
            for conflict in merged.conflicts:
                assert conflict.newer is not None  # every row has its origin
                yield Problem(conflict.newer, "conflicting-answers", conflict.message, severity="note")
            yield merged.target

    def _row(self, record: Record) -> Iterator[Target | Problem]:
        """Yield what the row says, what is wrong with it, and notes of what nothing is learned from."""
        if problem := not_an_answer(record):
            yield problem
            return
        said = said_by(record)
        target = None
        if said.accepted or said.rejected or said.not_together or said.complete:
            problems = list(self.labels.problems(record))
            target = self._target(record, said, problems)
            if problems:
                yield from problems
                return
            if target.rules_out:
                yield target
            elif not said.left_out:
                said.left_out.append("the pipeline has none of its labels")
        for why in said.left_out:
            yield Problem(record.origin, "left-out", f"left out: {why}", severity="note")

    def _target(self, record: Record, said: ParsedAnswer, problems: list[Problem]) -> Target:
        """Make the target of one row; what is wrong with it goes to ``problems``."""
        accepted, rejected, group = map(self._ours, (said.accepted, said.rejected, said.not_together))
        doc, spans = fitted(self.services.doc(record), [*accepted, *rejected, *group], self.options.align)
        there = spans[: len(accepted)]
        faults = list(span_faults(doc.text, doc.offsets, there))
        impossible = set()
        for span in (*rejected, *group):
            found = list(span_faults(doc.text, doc.offsets, [span]))
            if found and self.options.align == "error":
                faults += found
            elif found:
                impossible.add(span)
                what = described(record.text, span)
                said.left_out.append(f"{what} is rejected, and is never predicted: it is no whole tokens")
        problems += [Problem(record.origin, fault.code, fault.message) for fault in faults]
        if problems:
            return Target(doc)
        if len(group) < len(said.not_together) or impossible.intersection(group):
            group = []  # that not all are there is known anyway
        target = Target(
            doc,
            _spans(doc, there),
            said.complete if isinstance(said.complete, bool) else self.labels.complete(said.complete),
            _spans(doc, [span for span in rejected if span not in impossible]),
            origin=record.origin,
            not_together=(_spans(doc, group),) if group else (),
        )
        try:
            check(replace(target, origin=None))
        except ConflictError as error:
            problems.append(Problem(record.origin, "contradictory-answer", f"in one row, {error}"))
        return target

    def _ours(self, spans: Iterable[CharSpan]) -> list[CharSpan]:
        """Return the spans under the pipeline's labels, each once, without those that are not ours."""
        ours = (
            CharSpan(span.start_char, span.end_char, label)
            for span in spans
            if (label := self.labels.ours(span.label)) is not None
        )
        return list(dict.fromkeys(ours))


def _spans(doc: Doc, spans: Sequence[CharSpan]) -> tuple[Span, ...]:
    bounds = as_tokens(doc.offsets, spans)
    found = {doc.span(start, end, span.label) for (start, end), span in zip(bounds, spans, strict=True)}
    return tuple(sorted(found, key=lambda span: (span.start, span.end, span.label)))


def _oldest_first(statements: Sequence[tuple[float | None, Target]]) -> list[Target]:
    """Order the statements by their times, if each has one; else they stand as in the file."""
    times = [time for time, _ in statements if time is not None]
    if len(times) < len(statements):
        return [target for _, target in statements]
    order = sorted(range(len(times)), key=times.__getitem__)
    return [statements[place][1] for place in order]


def make_answers(options: AnswersOptions, services: Services) -> Answers:
    """Make the source ``answers``."""
    return Answers(options, services)


@hookimpl
def nerture_register_sources(register: Register) -> None:
    """Hand in ``answers``."""
    register("answers", make_answers, config=AnswersOptions)

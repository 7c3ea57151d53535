"""The label source ``answers``: answers to questions; those about one text make one target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import ClassVar

from pydantic import Field

from nerture import hookimpl
from nerture.errors import ConfigError, ConflictError
from nerture.interfaces import (
    Align,
    CharSpan,
    Doc,
    LabelMap,
    ParsedAnswer,
    Problem,
    Record,
    Register,
    RowsOptions,
    Services,
    Span,
    Target,
    align_spans,
    as_tokens,
    check_consistency,
    find_answer_problem,
    find_span_faults,
    format_span,
    merge,
    parse_answer,
    read_rows,
)


class AnswersOptions(RowsOptions):
    """Options of the source ``answers``."""

    default_loss: ClassVar[str] = "lattice"

    align: Align = "split"
    """For spans off the token boundaries: ``split`` the tokens, ``expand`` the span, or an error."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """Labels of the file to labels of the pipeline; null for labels to skip."""


class Answers:
    """Makes one target of all answers about a text.

    Notes: ``left-out`` for rows and spans that teach nothing, ``conflicting-answers``. Problem codes:
    ``not-an-answer``, ``bad-timestamp``, ``contradictory-answer``, ``unknown-label``, and those of
    ``find_span_faults``; but duplicates are no fault, and rejected spans may overlap.
    """

    def __init__(self, options: AnswersOptions, services: Services) -> None:
        self.options = options
        self.services = services
        self.labels = LabelMap(services.labels, options.map)
        for name in options.map.values():
            if refusal := self.labels.find_refusal(name):
                raise ConfigError(refusal)

    def targets(self) -> Iterator[Target | Problem]:
        """Yield the problems of all rows, then the targets, in the order in which their texts occurred."""
        texts: dict[str, list[tuple[float | None, Target]]] = {}
        for item in read_rows(self.options, self.services):
            if isinstance(item, Problem):
                yield item
                continue
            for result in self._read_row(item):
                if isinstance(result, Problem):
                    yield result
                else:
                    texts.setdefault(item.text, []).append((item.fields.get("_timestamp"), result))
        for statements in texts.values():
            merged = merge(_sort_by_time(statements), self.services.labels)
            for conflict in merged.conflicts:
                assert conflict.newer is not None  # every row has an origin
                yield Problem(conflict.newer, "conflicting-answers", conflict.message, severity="note")
            yield merged.target

    def _read_row(self, record: Record) -> Iterator[Target | Problem]:
        """Yield the row's target or problems, and notes about parts that teach nothing."""
        if problem := find_answer_problem(record):
            yield problem
            return
        answer = parse_answer(record)
        target = None
        if answer.accepted or answer.rejected or answer.not_together or answer.complete:
            problems = list(self.labels.find_problems(record))
            target = self._make_target(record, answer, problems)
            if problems:
                yield from problems
                return
            if target.rules_out:
                yield target
            elif not answer.left_out:
                answer.left_out.append("the pipeline has none of its labels")
        for reason in answer.left_out:
            yield Problem(record.origin, "left-out", f"left out: {reason}", severity="note")

    def _make_target(self, record: Record, answer: ParsedAnswer, problems: list[Problem]) -> Target:
        """Make the target of one row; append what is wrong with it to ``problems``."""
        accepted, rejected, group = map(
            self._map_labels, (answer.accepted, answer.rejected, answer.not_together)
        )
        doc, spans = align_spans(
            self.services.doc(record), [*accepted, *rejected, *group], self.options.align
        )
        accepted = spans[: len(accepted)]
        faults = list(find_span_faults(doc.text, doc.offsets, accepted))
        impossible = set()
        for span in (*rejected, *group):
            span_faults = list(find_span_faults(doc.text, doc.offsets, [span]))
            if span_faults and self.options.align == "error":
                faults += span_faults
            elif span_faults:
                impossible.add(span)
                what = format_span(record.text, span)
                answer.left_out.append(f"{what} is rejected, but never predicted, as it is not whole tokens")
        problems += [Problem(record.origin, fault.code, fault.message) for fault in faults]
        if problems:
            return Target(doc)
        if len(group) < len(answer.not_together) or impossible.intersection(group):
            group = []  # the spans cannot all be right anyway
        target = Target(
            doc,
            _to_spans(doc, accepted),
            answer.complete
            if isinstance(answer.complete, bool)
            else self.labels.map_complete(answer.complete),
            _to_spans(doc, [span for span in rejected if span not in impossible]),
            origin=record.origin,
            not_together=(_to_spans(doc, group),) if group else (),
        )
        try:
            check_consistency(replace(target, origin=None))
        except ConflictError as error:
            problems.append(Problem(record.origin, "contradictory-answer", f"in one row, {error}"))
        return target

    def _map_labels(self, spans: Iterable[CharSpan]) -> list[CharSpan]:
        """Return the spans with the pipeline's labels, each once, without those whose label is skipped."""
        mapped = (
            CharSpan(span.start_char, span.end_char, label)
            for span in spans
            if (label := self.labels.map_label(span.label)) is not None
        )
        return list(dict.fromkeys(mapped))


def _to_spans(doc: Doc, spans: Sequence[CharSpan]) -> tuple[Span, ...]:
    bounds = as_tokens(doc.offsets, spans)
    unique = {doc.span(start, end, span.label) for (start, end), span in zip(bounds, spans, strict=True)}
    return tuple(sorted(unique, key=lambda span: span.key))


def _sort_by_time(statements: Sequence[tuple[float | None, Target]]) -> list[Target]:
    """Sort the statements by time if each has one; otherwise keep the order of the file."""
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
    """Register ``answers``."""
    register("answers", make_answers, config=AnswersOptions)

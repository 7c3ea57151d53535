"""Checks one file of annotations, whatever it will be used for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nerture.check.finding import CheckReport, Finding, make_warning, warn_left_out
from nerture.check.labels import LabelCounts
from nerture.check.texts import SeenTexts
from nerture.core.annotations.span_validation import find_span_faults
from nerture.core.errors import Origin
from nerture.files.byte_source import STDIN, source_name
from nerture.files.corpus import read_records
from nerture.interfaces import Format, Problem, Record, Services

if TYPE_CHECKING:
    from nerture.registry import Registry


def check_data(
    path: Path | str, registry: Registry, services: Services, format: Format = None
) -> CheckReport:
    """Check a file (``-`` for standard input) row by row.

    Errors are what training on it as gold would refuse. A file without any gold has no such errors: raw text
    is accepted, and answers to questions are checked as the source ``answers`` reads them. ``services``
    tokenize rows without tokens. Raises ``DataError`` for a file that cannot be read.
    """
    rows = _Rows(services)
    findings: list[Finding] = []
    for item in read_records(path, registry, services, format):
        if isinstance(item, Problem):
            rows.bad += 1
            findings.append(Finding.from_problem(item))
        else:
            findings.extend(rows.check(item))
    findings.extend(rows.check_all(Origin(source_name(path))))
    if rows.only_answers and str(path) != STDIN:
        findings.extend(_check_answers(path, registry, services, format, set(findings)))
    return CheckReport(tuple(findings))


def _check_answers(
    path: Path | str, registry: Registry, services: Services, format: Format, known: set[Finding]
) -> Iterator[Finding]:
    """Yield what the source ``answers`` finds wrong with a file, except ``known`` findings, and its notes."""
    source = registry.create("source", "answers", {"path": str(path), "format": format}, services)
    file, count = source_name(path), 0
    for item in source.targets():
        if not isinstance(item, Problem):
            continue
        if item.code == "left-out":
            count += 1
        elif item.severity == "note":
            yield make_warning(Origin(file, item.origin.line), item.code, item.message)
        elif (finding := Finding(file, item.origin.line, item.code, item.message)) not in known:
            yield finding
    if count:
        yield warn_left_out(Origin(file), count)


class _Rows:
    """The rows of a file seen so far."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.seen = SeenTexts()
        self.counts = LabelCounts()
        self.bad = 0
        self.raw: list[Origin] = []
        self.answers: list[Origin] = []
        self.left_out = 0

    @property
    def only_answers(self) -> bool:
        """Whether every row that could be read is an answer to a question."""
        return bool(self.answers) and not self.counts.texts and not self.raw

    def check(self, record: Record) -> Iterator[Finding]:
        """Yield what is wrong with a row."""
        spans = record.spans or ()
        if record.binary:
            self.answers.append(record.origin)
        elif record.answer in ("reject", "ignore"):
            self.left_out += 1
        elif record.spans is None and record.answer is None:
            self.raw.append(record.origin)
            yield from self.seen.add(record.text, record.origin, None)
        else:
            self.counts.add(span.label for span in spans)
            bounds = frozenset((span.start_char, span.end_char, span.label) for span in spans)
            yield from self.seen.add(record.text, record.origin, (bounds, record.complete))
            offsets = self.services.doc(record).offsets
            for fault in find_span_faults(record.text, offsets, spans):
                yield Finding(record.origin.file, record.origin.line, fault.code, fault.message)

    def check_all(self, origin: Origin) -> Iterator[Finding]:
        """Yield what is wrong with the rows together, after the last one."""
        if self.counts.texts:
            for row in self.answers:
                message = "an answer to a question among complete annotations: keep them in separate files"
                yield Finding(row.file, row.line, "binary-answer", message)
            for row in self.raw:
                message = "not gold: the row has neither spans nor an answer, but other rows do"
                yield Finding(row.file, row.line, "not-gold", message)
            yield from self.counts.findings(origin, sorted(self.counts.examples), "in this file")
        elif self.raw:
            yield make_warning(
                origin, "not-gold", "no row has spans or an answer: this is raw text, not gold"
            )
        elif not self.answers and not self.left_out and not self.bad:
            yield Finding(origin.file, origin.line, "no-texts", "the file holds no text")
        if self.left_out and not self.only_answers:
            yield warn_left_out(origin, self.left_out)

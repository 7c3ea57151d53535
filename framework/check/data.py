"""The data doctor's look at one file of annotations, whatever it will be used for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nerture.check.finding import Finding, Report, warning
from nerture.check.labels import LabelCounts
from nerture.check.texts import SeenTexts
from nerture.core.errors import Origin
from nerture.core.span_faults import span_faults
from nerture.files.byte_source import source_name
from nerture.files.corpus import read_records
from nerture.interfaces import Format, Problem, Record, Services

if TYPE_CHECKING:
    from nerture.registry import Registry


def check_data(path: Path | str, registry: Registry, services: Services, format: Format = None) -> Report:
    """Examine a file (``-``: standard input) row by row.

    Errors are what training on it as gold would refuse; but a file with no gold at all, raw text or answers
    to questions, is not blamed for that. ``services`` give the tokens of rows that bring none. Raises
    ``DataError`` for a file that cannot be read.
    """
    examination = _Examination(services)
    findings: list[Finding] = []
    for item in read_records(path, registry, services, format):
        if isinstance(item, Problem):
            examination.bad += 1
            findings.append(Finding.of(item))
        else:
            findings.extend(examination.row(item))
    findings.extend(examination.whole(Origin(source_name(path))))
    return Report(tuple(findings))


class _Examination:
    """What is known of the file so far."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.seen = SeenTexts()
        self.counts = LabelCounts()
        self.bad = 0
        self.raw: list[Origin] = []
        self.answers: list[Origin] = []
        self.left_out = 0

    def row(self, record: Record) -> Iterator[Finding]:
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
            for fault in span_faults(record.text, offsets, spans):
                yield Finding(record.origin.file, record.origin.line, fault.code, fault.message)

    def whole(self, origin: Origin) -> Iterator[Finding]:
        """Yield what is to be said when all rows have been seen."""
        if self.counts.texts:
            for row in self.answers:
                message = (
                    "an answer to a question among complete annotations: keep them in files of their own"
                )
                yield Finding(row.file, row.line, "binary-answer", message)
            for row in self.raw:
                message = "not gold: the row has neither spans nor an answer, but other rows have"
                yield Finding(row.file, row.line, "not-gold", message)
            yield from self.counts.findings(origin, sorted(self.counts.examples), "in this file")
        elif self.raw:
            yield warning(origin, "not-gold", "no row has spans or an answer: this is raw text, not gold")
        elif not self.answers and not self.left_out and not self.bad:
            yield Finding(origin.file, origin.line, "no-texts", "the file holds no text")
        if self.left_out:
            message = f"rows left out for their answer, reject or ignore: {self.left_out}"
            yield warning(origin, "left-out", message)

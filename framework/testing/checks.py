"""Contract checks for authors of plugins: each uses a part as the host would.

A check raises ``AssertionError`` with what the part did and what the contract expects. ``load_plugin``
registers a plugin on its own, ``make_part`` makes one of its parts from options as in a pipeline file.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nerture.core.annotations.record import Problem, Record
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.errors import DataError
from nerture.hosting.manager import PluginManager
from nerture.hosting.services import HostServices
from nerture.interfaces import Match, Matcher, Reader, Source, Tokenizer, Writer
from nerture.registry import Registry
from nerture.registry.guard import PluginInfo
from nerture.testing.loss_checks import check_loss
from nerture.testing.samples import TEXTS, sample_docs, sample_records
from nerture.testing.soft_checks import check_soft
from nerture.testing.sorter_checks import check_sorter

__all__ = [
    "check_loss",
    "check_matcher",
    "check_reader",
    "check_sorter",
    "check_source",
    "check_tokenizer",
    "check_writer",
    "load_plugin",
    "make_part",
]

GARBAGE = (
    b"",
    b"\n\n \n",
    b"\xff\xfe\x00broken",
    b"\xef\xbb\xbftext\r\n",
    b'{"text": "cut off',
    b'{"text": 3}\n[]\nnull\n{}\n',
    b"[" * 5000,
    b'{"text": "a", "spans": [{"start": -1, "end": 99, "label": 5}]}\n',
    b"word\tB-X\textra\n\x00\x00",
)
"""Bytes on which no reader may raise."""


def load_plugin(plugin: object) -> Registry:
    """Register the parts of one plugin, with the host's checks of hooks and names."""
    manager = PluginManager()
    manager.add(plugin, PluginInfo(getattr(plugin, "__name__", type(plugin).__name__), "", "under test"))
    return manager.registry


def make_part(
    plugin: object,
    kind: str,
    name: str,
    options: Mapping[str, object] | None = None,
    *,
    labels: Sequence[str] = ("A", "B"),
    base_dir: Path | None = None,
) -> Any:
    """Make a part of a plugin (or of a ``Registry``) from options as in a pipeline file."""
    registry = plugin if isinstance(plugin, Registry) else load_plugin(plugin)
    services = HostServices.bare(registry, labels, base_dir)
    return registry.create(kind, name, options or {}, services)


def check_tokenizer(tokenizer: Tokenizer, texts: Iterable[str] = TEXTS) -> None:
    """Check form and order of the offsets, and that only whitespace is skipped, in repeated calls too."""
    for text in texts:
        offsets = tokenizer(text)
        about = f"on {text[:40]!r} the tokenizer"
        assert isinstance(offsets, np.ndarray), (
            f"{about} returned {type(offsets).__name__}, expected an array"
        )
        form = f"{offsets.dtype} {offsets.shape}"
        assert offsets.dtype == np.int32, f"{about} returned {form}, expected int32 (N, 2)"
        assert offsets.ndim == 2, f"{about} returned {form}, expected int32 (N, 2)"
        assert offsets.shape[1] == 2, f"{about} returned {form}, expected int32 (N, 2)"
        end = 0
        for number, (start_char, end_char) in enumerate(offsets.tolist()):
            place = f"token {number}, characters {start_char} to {end_char},"
            assert start_char < end_char, f"{about} returned an empty token: {place}"
            assert end <= start_char, (
                f"{about}: {place} begins before the end of the token before it at {end}"
            )
            assert end_char <= len(text), f"{about}: {place} leaves the {len(text)} characters of the text"
            gap = text[end:start_char]
            assert not gap.strip(), f"{about} lost {gap!r} before {place}; only whitespace may be skipped"
            end = end_char
        assert not text[end:].strip(), (
            f"{about} lost {text[end:]!r} at the end; only whitespace may be skipped"
        )
        again = tokenizer(text)
        assert np.array_equal(offsets, again), f"{about} returned other tokens when called again"


def check_matcher(matcher: Matcher, docs: Iterable[Doc] | None = None) -> list[Match]:
    """Check that hits are within the text, in order and with known labels; return all of them."""
    assert isinstance(matcher.labels, tuple), f"labels: expected a tuple, got {type(matcher.labels).__name__}"
    all_matches: list[Match] = []
    for doc in sample_docs() if docs is None else docs:
        before = doc.spans
        matches = matcher(doc)
        about = f"on {doc.text[:40]!r} the matcher"
        for match in matches:
            assert isinstance(match, Match), f"{about} returned {match!r}, expected a Match"
            inside = 0 <= match.start < match.end <= len(doc)
            assert inside, f"{about} returned {match}; the text has {len(doc)} tokens"
            assert match.label in matcher.labels, f"{about} returned {match}; its labels are {matcher.labels}"
            assert isinstance(match.pattern, str), f"{about} returned {match}; expected a text as pattern"
        starts = [match.start for match in matches]
        assert starts == sorted(starts), f"{about} returned hits out of order: they start at {starts}"
        assert matcher(doc) == matches, f"{about} returned other hits when called again"
        assert doc.spans == before, f"{about} changed the text's spans; it may only return hits"
        all_matches += matches
    return all_matches


def check_reader(reader: Reader, sample: bytes = b"") -> list[Record | Problem]:
    """Check that bad bytes give problems and that records are valid; return the rows of ``sample``."""
    wrong = [suffix for suffix in reader.suffixes if not suffix.startswith(".")]
    assert not wrong, f"suffixes: expected a dot at the beginning, got {wrong[0]!r}"
    for data in (*GARBAGE, sample[: len(sample) // 2]):
        try:
            sniffed = reader.sniff(data.decode("utf-8", "replace"))
            assert isinstance(sniffed, bool), (
                f"on {data[:40]!r} sniff returned {sniffed!r}, expected True or False"
            )
            _check_rows(list(reader.read(io.BytesIO(data), "sample")), data)
        except AssertionError:
            raise
        except Exception as error:
            raise AssertionError(
                f"on {data[:40]!r} the reader raised {type(error).__name__}: {error}; expected a Problem"
            ) from error
    rows = list(reader.read(io.BytesIO(sample), "sample"))
    _check_rows(rows, sample)
    again = list(reader.read(io.BytesIO(sample), "sample"))
    assert repr(rows) == repr(again), (
        "the reader yielded other rows when called again"
    )  # by repr, since arrays have no truth value
    return rows


def _check_rows(rows: Sequence[Record | Problem], data: bytes) -> None:
    about, line = f"on {data[:40]!r} the reader", 0
    for row in rows:
        assert isinstance(row, Record | Problem), (
            f"{about} yielded {type(row).__name__}, expected Record or Problem"
        )
        assert row.origin.file == "sample", f"{about} named the file {row.origin.file!r}, expected 'sample'"
        assert row.origin.line >= line, f"{about} went back from line {line} to {row.origin.line}"
        line = row.origin.line
        if isinstance(row, Problem):
            assert row.code, f"{about} yielded a problem without code: {row}"
            assert row.message, f"{about} yielded a problem without message: {row}"
            continue
        assert isinstance(row.text, str), f"{about} yielded the text {row.text!r}"
        if row.offsets is not None:
            try:
                Doc.from_offsets(row.text, row.offsets)
            except DataError as error:
                raise AssertionError(f"{about} yielded tokens that do not fit their text: {error}") from error


def check_source(source: Source, labels: Sequence[str]) -> list[Target | Problem]:
    """Check that targets fit their texts and the labels, and that calls are repeatable; return them."""
    items = list(source.targets())
    for number, item in enumerate(items):
        about = f"item {number} of the source"
        assert isinstance(item, Target | Problem), (
            f"{about}: expected Target or Problem, got {type(item).__name__}"
        )
        if isinstance(item, Problem):
            continue
        end = 0
        grouped = [span for group in item.not_together for span in group]
        for span in (*item.spans, *item.rejected, *grouped):
            assert span.label in labels, f"{about}: expected a label of {tuple(labels)}, got {span}"
            inside = 0 <= span.start < span.end <= len(item.doc)
            assert inside, f"{about}: {span!r} is not within the {len(item.doc)} tokens of its text"
        for span in item.spans:
            assert end <= span.start, f"{about}: {span} overlaps the span before it, or is out of order"
            end = span.end
        if not isinstance(item.complete, bool):
            extra = set(item.complete) - set(labels)
            assert not extra, (
                f"{about} is complete for labels that the pipeline does not have: {sorted(extra)}"
            )
        outside = all(0 <= token < len(item.doc) for token in item.outside)
        assert outside, (
            f"{about}: outside {item.outside} is not within the {len(item.doc)} tokens of its text"
        )
        assert 0 <= item.weight < np.inf, f"{about}: expected a weight of 0 or more, got {item.weight}"
        check_soft(item, labels, about)
    again = list(source.targets())
    assert len(again) == len(items), (
        f"targets() yielded {len(items)} items, and {len(again)} when called again"
    )
    return items


def check_writer(
    writer: Writer,
    reader: Reader | None = None,
    labels: Sequence[str] = ("A", "B"),
    *,
    tokens_only: bool = False,
) -> str:
    """Check that a writer writes texts of every kind, or raises ``DataError``; return what it wrote.

    ``reader`` must read back the texts and spans that were written. ``tokens_only`` is for formats that
    represent neither the spaces between tokens nor texts without tokens.
    """
    stream = io.StringIO()
    written_docs = []
    for doc, record in zip(sample_docs(), sample_records(tuple(labels)), strict=True):
        doc.spans = [doc.span(0, 1, labels[0])] if len(doc) else []
        before = stream.tell()
        try:
            writer.write(stream, record, doc, doc.spans)
        except DataError:
            assert stream.tell() == before, (
                f"the writer raised DataError for {record.text[:40]!r}, but wrote a part of it"
            )
        else:
            written_docs += [doc] if len(doc) or not tokens_only else []
    written = stream.getvalue()
    assert written, "the writer wrote nothing"
    if reader is not None:
        _check_round_trip(
            list(reader.read(io.BytesIO(written.encode()), "written")), written_docs, tokens_only
        )
    return written


def _check_round_trip(rows: Sequence[Record | Problem], docs: Sequence[Doc], tokens_only: bool) -> None:
    problems = [row for row in rows if isinstance(row, Problem)]
    assert not problems, f"the reader finds a problem in what was written: {problems[0] if problems else ''}"
    assert len(rows) == len(docs), f"{len(docs)} texts were written, {len(rows)} were read back"
    for row, doc in zip(rows, docs, strict=True):
        assert isinstance(row, Record)
        read = row.text.split() if tokens_only else row.text
        written = doc.words if tokens_only else doc.text
        assert read == written, f"{written!r} was written, {read!r} was read back"
        read_spans = [(row.text[span.start_char : span.end_char], span.label) for span in row.spans or ()]
        spans = [(span.text, span.label) for span in doc.spans]
        assert read_spans == spans, (
            f"in {doc.text!r} the spans {spans} were written, {read_spans} were read back"
        )

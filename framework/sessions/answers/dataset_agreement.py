"""How far the annotators of a dataset agree: its rows read as answers to the questions that they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nerture.core.annotations.json_rows import read_row
from nerture.core.annotations.record import CharSpan, Record
from nerture.core.text.doc import Doc
from nerture.errors import Origin
from nerture.sessions.answers.agreement import Agreement, agreement
from nerture.sessions.answers.prodigy_rows import VIEWS
from nerture.sessions.answers.question import Answer, Kind, Question, SuggestedSpan
from nerture.store.records import SavedAnswer
from nerture.store.rows import OWN


def saved_agreement(answers: Iterable[SavedAnswer]) -> Agreement | None:
    """Compare the answers of a dataset; None: no two annotators have answered the same question.

    Rows of other programs count as far as they say what was asked: ``_is_binary`` about the spans that they
    hold, ``complete`` or the view ``ner_manual`` about the whole text. What was answered in different
    sessions is compared, too, and so is what came from files.
    """
    return agreement(found for answer in answers if (found := _question(answer)) is not None)


def _question(saved: SavedAnswer) -> tuple[Question, Answer] | None:
    """Return what was asked and answered; None: the row does not say it."""
    (record, *_) = read_row(saved.row, Origin("dataset"))
    if saved.annotator is None or not isinstance(record, Record) or record.answer is None:
        return None
    kind = _kind(record)
    if kind is None:
        return None
    offsets = record.offsets if record.offsets is not None else Doc(record.text).offsets
    tokens = tuple((int(start), int(end)) for start, end in offsets)
    spans = record.spans or ()
    offered = tuple(SuggestedSpan(*_triple(span)) for span in _offered(spans)) if kind == "span" else ()
    question = Question(record.text, tokens, kind, offered, _labels(record), "", "source")
    said = None if kind == "span" else tuple(map(_triple, spans))
    return question, Answer(saved.id, question.id, record.answer, saved.annotator, said)


def _kind(record: Record) -> Kind | None:
    if record.binary:
        return "span"
    if record.complete or record.fields.get("_view_id") == VIEWS["text"]:
        return "text"
    return None


def _offered(spans: Iterable[CharSpan]) -> Iterator[CharSpan]:
    """Yield the spans that were offered: where some were mended, those that were not right."""
    spans = list(spans)
    mended = {span.answer for span in spans} >= {"accept", "reject"}
    for span in spans:
        if not mended or span.answer == "reject":
            yield span


def _labels(record: Record) -> tuple[str, ...]:
    own: Any = record.fields.get(OWN)
    labels = own.get("labels") if isinstance(own, Mapping) else None
    if isinstance(labels, list):
        return tuple(sorted(map(str, labels)))
    return tuple(sorted(record.complete)) if isinstance(record.complete, frozenset) else ()


def _triple(span: CharSpan) -> tuple[int, int, str]:
    return span.start_char, span.end_char, span.label

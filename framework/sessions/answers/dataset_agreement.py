"""Agreement between the annotators of a dataset, whose rows are read as questions and answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nerture.core.annotations.json_rows import read_row
from nerture.core.annotations.record import CharSpan, Record
from nerture.core.text.doc import Doc
from nerture.errors import Origin
from nerture.sessions.answers.agreement import Agreement, measure_agreement
from nerture.sessions.answers.prodigy_rows import VIEWS
from nerture.sessions.answers.question import Answer, Kind, Question, SuggestedSpan
from nerture.store.records import SavedAnswer
from nerture.store.rows import OWN


def measure_dataset_agreement(answers: Iterable[SavedAnswer]) -> Agreement | None:
    """Compare the answers of a dataset; None if no two annotators answered the same question.

    Rows written by other programs count if they say what was asked: ``_is_binary`` means the spans in the
    row, ``complete`` or the view ``ner_manual`` the whole text. Answers from different sessions and from
    files are compared, too.
    """
    pairs = map(_to_question_and_answer, answers)
    return measure_agreement(pair for pair in pairs if pair is not None)


def _to_question_and_answer(saved: SavedAnswer) -> tuple[Question, Answer] | None:
    """Return the question and the answer; None if the row does not say what was asked."""
    (record, *_) = read_row(saved.row, Origin("dataset"))
    if saved.annotator is None or not isinstance(record, Record) or record.answer is None:
        return None
    kind = _find_kind(record)
    if kind is None:
        return None
    offsets = record.offsets if record.offsets is not None else Doc(record.text).offsets
    tokens = tuple((int(start), int(end)) for start, end in offsets)
    spans = record.spans or ()
    suggested = (
        [SuggestedSpan(*_to_triple(span)) for span in _find_suggested(spans)] if kind == "span" else []
    )
    question = Question(record.text, tokens, kind, tuple(suggested), _find_labels(record), "", "source")
    final = None if kind == "span" else tuple(map(_to_triple, spans))
    return question, Answer(saved.id, question.id, record.answer, saved.annotator, final)


def _find_kind(record: Record) -> Kind | None:
    if record.binary:
        return "span"
    if record.complete or record.fields.get("_view_id") == VIEWS["text"]:
        return "text"
    return None


def _find_suggested(spans: Iterable[CharSpan]) -> Iterator[CharSpan]:
    """Yield the spans that were suggested; if the annotator edited them, these are the rejected ones."""
    spans = list(spans)
    edited = {span.answer for span in spans} >= {"accept", "reject"}
    for span in spans:
        if not edited or span.answer == "reject":
            yield span


def _find_labels(record: Record) -> tuple[str, ...]:
    own: Any = record.fields.get(OWN)
    labels = own.get("labels") if isinstance(own, Mapping) else None
    if isinstance(labels, list):
        return tuple(sorted(map(str, labels)))
    return tuple(sorted(record.complete)) if isinstance(record.complete, frozenset) else ()


def _to_triple(span: CharSpan) -> tuple[int, int, str]:
    return span.start_char, span.end_char, span.label

"""An answer of a session as a row in Prodigy's format."""

from __future__ import annotations

from typing import Any

from nerture.sessions.answers.question import Answer, Question, SuggestedSpan
from nerture.store.rows import OWN, with_digest

REWRITTEN_FIELDS = ("spans", "entities", "answer", "complete", "_is_binary", "flagged", "tokens", OWN)
"""Fields of the input that the answer replaces."""
VIEWS = {"span": "ner", "text": "ner_manual"}


def to_prodigy_row(question: Question, answer: Answer, dataset: str) -> dict[str, Any]:
    """Return the row: the fields of the input, the question, and the answer.

    A span question is ``_is_binary``. An accepted text is ``complete`` for the labels that were asked about.
    If the annotator edited the span of a span question, the row holds the suggested span as rejected, next to
    the new ones. ``_nerture`` holds what Prodigy has no field for.
    """
    fields = question.fields
    row: dict[str, Any] = {"text": question.text}
    row |= {name: value for name, value in fields.items() if name not in REWRITTEN_FIELDS and name != "text"}
    row["tokens"] = _make_tokens(question)
    row["spans"] = _make_spans(question, answer)
    if meta := _make_meta(question):
        row["meta"] = meta
    row.setdefault("_input_hash", _to_int32(question.input))
    row |= {
        "_task_hash": _to_int32(question.id),
        "_view_id": VIEWS[question.kind],
        "_is_binary": question.kind == "span",
        "_session_id": f"{dataset}-{answer.annotator}",
        "_annotator_id": answer.annotator,
        "_timestamp": int(answer.time),
        "answer": answer.verdict,
    }
    if question.kind == "text" and answer.verdict == "accept":
        row["complete"] = list(question.labels)
    if answer.flagged:
        row["flagged"] = True
    row[OWN] = _make_own_fields(question, answer)
    return with_digest(row)


def _make_tokens(question: Question) -> list[dict[str, Any]]:
    """Return the tokens; the input's own token rows are kept if their offsets are the same."""
    rows: Any = question.fields.get("tokens")
    if _is_token_rows(rows) and [(token["start"], token["end"]) for token in rows] == list(question.tokens):
        return list(rows)
    text = question.text
    return [
        {"text": text[start:end], "start": start, "end": end, "id": number, "ws": text[end : end + 1] == " "}
        for number, (start, end) in enumerate(question.tokens)
    ]


def _is_token_rows(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(token, dict) and {"start", "end"} <= token.keys() for token in value
    )


def _make_spans(question: Question, answer: Answer) -> list[dict[str, Any]]:
    suggested = {(span.start_char, span.end_char, span.label): span for span in question.spans}
    final = list(suggested) if answer.spans is None else list(answer.spans)
    spans = [_make_span(question, triple, suggested.get(triple)) for triple in final]
    if question.kind == "text" or answer.verdict != "accept":
        return spans
    removed = [triple for triple in suggested if triple not in final]
    if removed:
        spans = [{**span, "answer": "accept"} for span in spans]
        spans += [
            {**_make_span(question, triple, suggested[triple]), "answer": "reject"} for triple in removed
        ]
    return sorted(spans, key=lambda span: (span["start"], span["end"]))


def _make_span(
    question: Question, triple: tuple[int, int, str], suggested: SuggestedSpan | None
) -> dict[str, Any]:
    """Return a span in Prodigy's format, in which ``token_end`` is the index of its last token."""
    start, end, label = triple
    span: dict[str, Any] = {"start": start, "end": end, "text": question.text[start:end], "label": label}
    starts = {token[0]: number for number, token in enumerate(question.tokens)}
    ends = {token[1]: number for number, token in enumerate(question.tokens)}
    if start in starts and end in ends:
        span |= {"token_start": starts[start], "token_end": ends[end]}
    if suggested is not None and suggested.probability is not None:
        span["score"] = suggested.probability
    if suggested is not None and suggested.pattern is not None:
        span["pattern"] = suggested.pattern
    return span


def _make_meta(question: Question) -> dict[str, Any]:
    """Return what Prodigy shows below a task."""
    meta = dict(question.meta)
    if question.kind == "span" and question.spans:
        if question.probability is not None:
            meta["score"] = question.probability
        if question.spans[0].pattern is not None:
            meta["pattern"] = question.spans[0].pattern
    return meta


def _make_own_fields(question: Question, answer: Answer) -> dict[str, Any]:
    own = {
        "answer": answer.id,
        "question": question.id,
        "kind": question.kind,
        "mode": question.mode,
        "reason": question.reason,
        "labels": list(question.labels),
        "version": question.version,
        "score": question.probability,
        "sampling": question.sampling,
        "time": answer.time,
        "seconds": answer.seconds,
    }
    return {name: value for name, value in own.items() if value is not None}


def _to_int32(hash: str) -> int:
    """Return the first 32 bits of a content hash as a signed integer, as Prodigy's hashes are."""
    number = int(hash[:8], 16)
    return number - 2**32 if number >= 2**31 else number

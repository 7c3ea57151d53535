"""An answer of a session as a row in Prodigy's format."""

from __future__ import annotations

from typing import Any

from nerture.sessions.answers.question import Answer, Question, SuggestedSpan
from nerture.store.rows import OWN, with_digest

SPOKEN_OF = ("spans", "entities", "answer", "complete", "_is_binary", "flagged", "tokens", OWN)
"""Fields of the input that the answer says anew."""
VIEWS = {"span": "ner", "text": "ner_manual"}


def row_of(question: Question, answer: Answer, dataset: str) -> dict[str, Any]:
    """Return the row: the fields of the input, what was asked, what was answered.

    A span question is ``_is_binary``. An accepted text is ``complete`` for the labels that were asked about.
    Where a span question was mended, the span that was offered stands beside the new ones as rejected.
    ``_nerture`` holds what Prodigy has no field for.
    """
    fields = question.fields
    row: dict[str, Any] = {"text": question.text}
    row |= {name: value for name, value in fields.items() if name not in SPOKEN_OF and name != "text"}
    row["tokens"] = _tokens(question)
    row["spans"] = _spans(question, answer)
    if meta := _meta(question):
        row["meta"] = meta
    row.setdefault("_input_hash", _number(question.input))
    row |= {
        "_task_hash": _number(question.id),
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
    row[OWN] = _own(question, answer)
    return with_digest(row)


def _tokens(question: Question) -> list[dict[str, Any]]:
    """Return the tokens; those of the input stay as they were if they are the same."""
    given: Any = question.fields.get("tokens")
    if _is_tokens(given) and [(token["start"], token["end"]) for token in given] == list(question.tokens):
        return list(given)
    text = question.text
    return [
        {"text": text[start:end], "start": start, "end": end, "id": number, "ws": text[end : end + 1] == " "}
        for number, (start, end) in enumerate(question.tokens)
    ]


def _is_tokens(given: Any) -> bool:
    return isinstance(given, list) and all(
        isinstance(token, dict) and {"start", "end"} <= token.keys() for token in given
    )


def _spans(question: Question, answer: Answer) -> list[dict[str, Any]]:
    offered = {(span.start_char, span.end_char, span.label): span for span in question.spans}
    said = list(offered) if answer.spans is None else list(answer.spans)
    spans = [_span(question, triple, offered.get(triple)) for triple in said]
    if question.kind == "text" or answer.verdict != "accept":
        return spans
    gone = [triple for triple in offered if triple not in said]
    if gone:
        spans = [{**span, "answer": "accept"} for span in spans]
        spans += [{**_span(question, triple, offered[triple]), "answer": "reject"} for triple in gone]
    return sorted(spans, key=lambda span: (span["start"], span["end"]))


def _span(question: Question, triple: tuple[int, int, str], offered: SuggestedSpan | None) -> dict[str, Any]:
    """Return a span as Prodigy has it: ``token_end`` is the last token of it."""
    start, end, label = triple
    span: dict[str, Any] = {"start": start, "end": end, "text": question.text[start:end], "label": label}
    starts = {token[0]: number for number, token in enumerate(question.tokens)}
    ends = {token[1]: number for number, token in enumerate(question.tokens)}
    if start in starts and end in ends:
        span |= {"token_start": starts[start], "token_end": ends[end]}
    if offered is not None and offered.probability is not None:
        span["score"] = offered.probability
    if offered is not None and offered.pattern is not None:
        span["pattern"] = offered.pattern
    return span


def _meta(question: Question) -> dict[str, Any]:
    """Return what Prodigy shows below a task."""
    meta = dict(question.meta)
    if question.kind == "span" and question.spans:
        if question.probability is not None:
            meta["score"] = question.probability
        if question.spans[0].pattern is not None:
            meta["pattern"] = question.spans[0].pattern
    return meta


def _own(question: Question, answer: Answer) -> dict[str, Any]:
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


def _number(hash: str) -> int:
    """Return a content hash as Prodigy's hashes are: a whole number of 32 bits, with a sign."""
    number = int(hash[:8], 16)
    return number - 2**32 if number >= 2**31 else number

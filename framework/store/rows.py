"""Converts rows in Prodigy's format to answers."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, get_args

from nerture.core.annotations.json_rows import is_label
from nerture.core.annotations.record import Answer
from nerture.core.content_hash import content_hash
from nerture.store.records import Row, SavedAnswer

HASH = re.compile("[0-9a-f]{32}")
OWN = "_nerture"
"""The field of nerture's own rows for what Prodigy's format has no place for."""


def import_rows(rows: Iterable[Row]) -> Iterator[SavedAnswer]:
    """Yield each row as an answer.

    Its id is made of its content and of how often the same content came before, so that importing a file
    again adds nothing, and duplicate rows within a file are kept. A row that a session of nerture wrote, and
    that was not changed since, keeps its id.
    """
    seen: Counter[str] = Counter()
    for row in rows:
        content = content_hash(row)
        seen[content] += 1
        yield to_answer(row, _own_id(row) or f"{content}-{seen[content]}")


def with_digest(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row of nerture's own with a digest of itself, which later shows whether it was changed."""
    return {**row, OWN: {**row[OWN], "digest": _digest(row)}}


def _digest(row: Row) -> str:
    own = {name: value for name, value in row[OWN].items() if name != "digest"}
    return content_hash({**row, OWN: own})


def _own_id(row: Row) -> str | None:
    """Return the id of the answer that a session wrote as this row; None if it was changed, or by none."""
    own = row.get(OWN)
    id = _name(own.get("answer")) if isinstance(own, Mapping) else None
    return id if id and isinstance(own, Mapping) and own.get("digest") == _digest(row) else None


def to_answer(row: Row, id: str) -> SavedAnswer:
    """Convert the row to an answer; what is missing, or has another form, is None."""
    own = row.get(OWN)
    own = own if isinstance(own, Mapping) else {}
    version, question = own.get("version"), own.get("question")
    whole = isinstance(version, int) and not isinstance(version, bool) and 0 <= version < 2**31
    return SavedAnswer(
        id=id,
        row=row,
        text=_text(row.get("text")),
        question=question if isinstance(question, str) and HASH.fullmatch(question) else None,
        verdict=row["answer"] if row.get("answer") in get_args(Answer) else None,
        annotator=_name(row.get("_annotator_id")) or _name(row.get("_session_id")),
        time=_number(own.get("time"), row.get("_timestamp")),
        seconds=_number(own.get("seconds")),
        version=version if whole else None,
        score=_number(own.get("score"), *_scores(row)),
        sampling=_number(own.get("sampling")),
        flagged=row.get("flagged") is True,
    )


def find_span_answers(row: Row) -> Iterator[tuple[str, str]]:
    """Yield the label of each span and the answer about it: its own, else the row's."""
    spans = row.get("spans")
    for span in spans if isinstance(spans, list) else ():
        if isinstance(span, Mapping) and isinstance(span.get("label"), str):
            yield span["label"], str(span.get("answer") or row.get("answer") or "no answer")


def _scores(row: Row) -> Iterator[object]:
    meta, spans = row.get("meta"), row.get("spans")
    if isinstance(meta, Mapping):
        yield meta.get("score")
    if isinstance(spans, list) and len(spans) == 1 and isinstance(spans[0], Mapping):
        yield spans[0].get("score")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _name(value: object) -> str | None:
    """Return ``value`` if it is a name that every database accepts, else None."""
    return value if isinstance(value, str) and is_label(value) else None


def _number(*values: Any) -> float | None:
    """Return the first value that is a finite number."""
    for value in values:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    return None

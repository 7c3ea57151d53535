"""Long texts cut into passages: what is asked about is read, and only what is near it helps to judge it."""

from __future__ import annotations

from dataclasses import replace

from nerture.core.annotations.record import Record
from nerture.core.text.doc import Doc
from nerture.core.text.segmentation import passage_bounds

MIN_PASSAGE_TOKENS, MAX_PASSAGE_TOKENS = 5, 40
"""Tokens of a passage: a shorter sentence goes with its neighbour, a longer one is cut."""
WHOLE = frozenset({"text", "tokens", "spans", "entities", "_input_hash", "_task_hash"})
"""Fields that are about the whole text."""


def in_passages(mode: str, ask: str, segment: bool | None) -> bool:
    """Return whether a session asks about long texts passage by passage.

    Only ``teach`` does. ``segment`` is the user's choice; by default (None) texts are segmented unless the
    session asks about whole texts alone.
    """
    return mode == "teach" and (ask != "text" if segment is None else segment)


def passages(doc: Doc) -> list[tuple[int, int, int, int]]:
    """Return the passages of a text: together they are all its tokens, in order.

    Each is ``(start, end, start_char, end_char)``, its tokens ``[start, end)`` and the characters that they
    cover. A passage of ``MIN_PASSAGE_TOKENS`` or more ends after a sentence or at a line break; one of
    ``MAX_PASSAGE_TOKENS`` ends wherever it is. A shorter remainder joins the passage before it.
    """
    return passage_bounds(doc.text, doc.offsets, MIN_PASSAGE_TOKENS, MAX_PASSAGE_TOKENS)


def passage_of(record: Record, doc: Doc, start: int) -> Record:
    """Return the record of the passage ``doc``, which begins at the character ``start`` of the record's text.

    Its fields say which characters of which text it is, and leave out those that count characters of the
    whole.
    """
    fields = {key: value for key, value in record.fields.items() if key not in WHOLE}
    fields["passage"] = {"start": start, "end": start + len(doc.text), "text": record.text}
    return replace(record, text=doc.text, offsets=doc.offsets, spans=None, fields=fields)

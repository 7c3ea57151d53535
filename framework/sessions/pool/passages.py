"""Splits long texts into passages, so that annotators read only the context of what is asked."""

from __future__ import annotations

from dataclasses import replace

from nerture.core.annotations.record import Record
from nerture.core.text.doc import Doc
from nerture.core.text.segmentation import find_passages

MIN_PASSAGE_TOKENS, MAX_PASSAGE_TOKENS = 5, 40
"""Tokens of a passage: shorter sentences are joined with the next one, longer ones are split."""
WHOLE_TEXT_FIELDS = frozenset({"text", "tokens", "spans", "entities", "_input_hash", "_task_hash"})
"""Fields of a row that refer to the whole text."""


def should_segment(mode: str, ask: str, segment: bool | None) -> bool:
    """Return whether a session asks about long texts passage by passage.

    Only ``teach`` does. ``segment`` is the user's choice; by default (None) texts are segmented unless the
    session asks about whole texts alone.
    """
    return mode == "teach" and (ask != "text" if segment is None else segment)


def split_passages(doc: Doc) -> list[tuple[int, int, int, int]]:
    """Return the passages of a text, which together cover all its tokens in order.

    Each is ``(start, end, start_char, end_char)``: its tokens ``[start, end)``, and the characters that they
    cover. A passage ends after a sentence or at a line break once it has ``MIN_PASSAGE_TOKENS``, and
    anywhere at ``MAX_PASSAGE_TOKENS``. A shorter remainder joins the passage before it.
    """
    return find_passages(doc.text, doc.offsets, MIN_PASSAGE_TOKENS, MAX_PASSAGE_TOKENS)


def make_passage_record(record: Record, doc: Doc, start: int) -> Record:
    """Return the record of the passage ``doc``, which begins at the character ``start`` of the record's text.

    Its field ``passage`` has the text and the passage's characters; fields that refer to the whole text are
    left out.
    """
    fields = {key: value for key, value in record.fields.items() if key not in WHOLE_TEXT_FIELDS}
    fields["passage"] = {"start": start, "end": start + len(doc.text), "text": record.text}
    return replace(record, text=doc.text, offsets=doc.offsets, spans=None, fields=fields)

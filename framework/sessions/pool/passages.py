"""Long texts cut into passages: what is asked about is read, and only what is near it helps to judge it."""

from __future__ import annotations

from dataclasses import replace

from nerture.core.annotations.record import Record
from nerture.core.text.doc import Doc
from nerture.core.text.segmentation import passage_bounds

SHORTEST, LONGEST = 5, 40
"""Tokens of a passage: a shorter sentence goes with its neighbour, a longer one is cut."""
WHOLE = frozenset({"text", "tokens", "spans", "entities", "_input_hash", "_task_hash"})
"""Fields that are about the whole text."""


def in_passages(mode: str, ask: str, whole: bool | None) -> bool:
    """Say whether a session asks about long texts passage by passage; ``whole`` is what its user said.

    Who said nothing (None) has them in ``teach``, but for whole texts alone: who asks for these wants them.
    """
    return mode == "teach" and not (ask == "text" if whole is None else whole)


def passages(doc: Doc) -> list[tuple[int, int, int, int]]:
    """Return the passages of a text: together they are all its tokens, in order.

    Each is ``(start, end, start_char, end_char)``, its tokens ``[start, end)`` and the characters that they
    cover. A passage ends after a sentence's end or at a line break, once it has ``SHORTEST`` tokens; one that
    has ``LONGEST`` ends wherever it is. A rest shorter than ``SHORTEST`` goes with what stands before it.
    """
    return passage_bounds(doc.text, doc.offsets, SHORTEST, LONGEST)


def passage_of(record: Record, doc: Doc, start: int) -> Record:
    """Return the record of the passage ``doc``, which begins at the character ``start`` of the record's text.

    Its fields say which characters of which text it is, and leave out those that count characters of the
    whole.
    """
    fields = {key: value for key, value in record.fields.items() if key not in WHOLE}
    fields["passage"] = {"start": start, "end": start + len(doc.text), "text": record.text}
    return replace(record, text=doc.text, offsets=doc.offsets, spans=None, fields=fields)

"""Long texts cut into passages: what is asked about is read, and only what is near it helps to judge it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from nerture.core.doc import Doc
from nerture.core.records import Record

ENDS = frozenset(".!?…") | frozenset("。！？")
CLOSERS = frozenset("\"')]}»”’")
SHORTEST, LONGEST = 5, 40
"""Tokens of a passage: a shorter sentence goes with its neighbour, a longer one is cut."""


def passages(doc: Doc) -> Iterator[tuple[int, int]]:
    """Yield the passages of a text as tokens ``[start, end)``: together they are all its tokens, in order.

    A passage ends after a sentence's end or at a line break, once it has ``SHORTEST`` tokens; one that has
    ``LONGEST`` ends wherever it is. A rest shorter than ``SHORTEST`` goes with what stands before it.
    """
    text, offsets = doc.text, doc.offsets.tolist()
    if not offsets:
        return
    cuts = [0]
    ended = False  # the last word ended a sentence
    for token, (start, end) in enumerate(offsets):
        following = offsets[token + 1][0] if token + 1 < len(offsets) else len(text)
        if text[end - 1] in ENDS:
            ended = True
        elif not (ended and end - start == 1 and text[start] in CLOSERS):
            ended = False
        length = token + 1 - cuts[-1]
        if length >= LONGEST or (length >= SHORTEST and _breaks(text, end, following, ended)):
            cuts.append(token + 1)
    if cuts[-1] != len(offsets):
        if len(cuts) > 1 and len(offsets) - cuts[-1] < SHORTEST:
            cuts.pop()
        cuts.append(len(offsets))
    yield from pairwise(cuts)


def _breaks(text: str, end: int, following: int, ended: bool) -> bool:
    """Say whether a sentence or a line ends between two tokens."""
    return following > end and (ended or "\n" in text[end:following])


def cut_record(record: Record, doc: Doc) -> Iterator[tuple[Record, Doc]]:
    """Yield the passages of a record as records with Docs of their own.

    Where there are several, each says in its fields which characters of which text it is, and leaves out
    those fields that count characters of the whole.
    """
    parts = [] if len(doc) < 2 * SHORTEST else list(passages(doc))
    if len(parts) <= 1:
        yield record, doc
        return
    for start, end in parts:
        begin, finish = int(doc.offsets[start, 0]), int(doc.offsets[end - 1, 1])
        text = doc.text[begin:finish]
        fields = {key: value for key, value in record.fields.items() if key not in WHOLE}
        fields["passage"] = {"start": begin, "end": finish, "text": record.text}
        offsets = doc.offsets[start:end] - begin
        part = replace(record, text=text, offsets=offsets, spans=None, fields=fields)
        yield part, Doc.from_offsets(text, offsets)


WHOLE = frozenset({"text", "tokens", "spans", "entities", "_input_hash", "_task_hash"})
"""Fields that are about the whole text."""

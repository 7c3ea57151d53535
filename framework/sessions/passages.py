"""Long texts cut into passages: what is asked about is read, and only what is near it helps to judge it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

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
    cuts = [0]
    for token in range(len(doc)):
        length = token + 1 - cuts[-1]
        if length >= LONGEST or (length >= SHORTEST and _ends(doc, token)):
            cuts.append(token + 1)
    if cuts[-1] != len(doc):
        if len(cuts) > 1 and len(doc) - cuts[-1] < SHORTEST:
            cuts.pop()
        cuts.append(len(doc))
    for number in range(len(cuts) - 1):
        yield cuts[number], cuts[number + 1]


def _ends(doc: Doc, token: int) -> bool:
    """Say whether a sentence or line ends after this token."""
    if token + 1 == len(doc):
        return True
    end, following = int(doc.offsets[token, 1]), int(doc.offsets[token + 1, 0])
    if "\n" in doc.text[end:following]:
        return True
    word = doc[token].text
    closes = all(character in CLOSERS for character in word)
    last = doc[token - 1].text if closes and token else word
    return last[-1] in ENDS and following > end


def cut_record(record: Record, doc: Doc) -> Iterator[tuple[Record, Doc]]:
    """Yield the passages of a record as records with Docs of their own.

    Where there are several, each says in its fields which characters of which text it is, and leaves out
    those fields that count characters of the whole.
    """
    parts = list(passages(doc))
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

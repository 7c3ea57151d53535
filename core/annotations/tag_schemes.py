"""Converts column tags (``B-DRUG``, ``I-DRUG``, ``O``) to token spans and back, in the schemes of files.

========= ===================================================================================================
``bio``   B begins an entity, I continues it (IOB2)
``iob1``  I begins and continues; B is used only if an entity directly follows another of the same label
``biluo`` B begins, I continues, L (or E) ends, U (or S) is a whole entity; covers BILOU, BIOES and IOBES
``auto``  accepts all of these, as the CoNLL shared tasks score: I or L without a predecessor begins an entity
========= ===================================================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from nerture.core.annotations.json_rows import format_value, is_label

Scheme: TypeAlias = Literal["auto", "bio", "iob1", "biluo"]
"""How tags are read."""

WrittenScheme: TypeAlias = Literal["bio", "biluo"]
"""How tags are written."""

Bounds: TypeAlias = tuple[int, int, str]
"""A span's tokens, ``[start, end)``, and its label."""

_MARKS = {"auto": "BILUES", "bio": "BI", "iob1": "BI", "biluo": "BILUES"}
_PLAIN = str.maketrans("ES", "LU")


class BadTag(NamedTuple):
    """A tag that the scheme does not allow: the token's index and a message."""

    token: int
    message: str


def is_tag(tag: str) -> bool:
    """Return True if ``tag`` is a tag of any scheme: ``O``, or a mark, a hyphen and a label."""
    return tag == "O" or (tag[:1] in set(_MARKS["auto"]) and tag[1:2] == "-" and is_label(tag[2:]))


def tags_to_spans(tags: Sequence[str], scheme: Scheme = "auto") -> tuple[list[Bounds], list[BadTag]]:
    """Return the spans that ``tags`` mark, and the tags that the scheme does not allow at their positions.

    A refused tag is read as ``auto`` reads it, so that each fault is reported once; ``auto`` refuses only
    strings that are not tags.
    """
    spans: list[Bounds] = []
    bad: list[BadTag] = []
    open_start, open_label = 0, ""  # no label: nothing is open
    previous, previous_label = "O", ""
    for index, tag in enumerate([*tags, "O"]):
        if not is_tag(tag):
            expected = f"O or {'-, '.join(_MARKS[scheme])}-LABEL"
            bad.append(BadTag(index, f"tag: expected {expected}, got {format_value(tag)}"))
            mark, label = "O", ""
        else:
            mark, label = tag[0], tag[2:]
        if message := _find_refusal(mark, label, previous, previous_label, scheme):
            where = (
                "at the end of the text"
                if index == len(tags)
                else f"{tag} after {_join_tag(previous, previous_label)}"
            )
            bad.append(BadTag(min(index, len(tags) - 1), f"{where}: {message} (scheme {scheme})"))
        mark = mark.translate(_PLAIN)
        continues = mark in "IL" and open_label == label
        if open_label and not continues:
            spans.append((open_start, index, open_label))
            open_label = ""
        if mark != "O" and not continues:
            open_start, open_label = index, label
        if mark in "LU" and open_label:
            spans.append((open_start, index + 1, open_label))
            open_label = ""
        previous, previous_label = mark, label
    return spans, bad


def _join_tag(mark: str, label: str) -> str:
    return f"{mark}-{label}" if label else mark


def _find_refusal(mark: str, label: str, previous: str, previous_label: str, scheme: Scheme) -> str:
    """Return why ``mark`` cannot follow ``previous`` in the scheme; empty if it can."""
    refusal = ""
    continues = previous != "O" and previous_label == label
    if scheme == "auto":
        return refusal
    if mark not in "O" + _MARKS[scheme]:
        return f"expected one of the marks {', '.join(_MARKS[scheme])} and O, got {mark}"
    match scheme, mark.translate(_PLAIN):
        case "bio", "I" if not continues:
            refusal = "I must follow B or I of its label"
        case "iob1", "B" if not continues:
            refusal = "B must follow an entity of its label"
        case "biluo", "I" | "L" if not (continues and previous in "BI"):
            refusal = f"{mark} must follow B or I of its label"
        case "biluo", "B" | "U" | "O" if previous in "BI":
            refusal = f"{_join_tag(previous, previous_label)} must be followed by I or L of its label"
    return refusal


def spans_to_tags(length: int, spans: Sequence[Bounds], scheme: WrittenScheme = "bio") -> list[str]:
    """Return the tags of ``length`` tokens; ``spans`` must be within them and not overlap."""
    tags = ["O"] * length
    for start, end, label in spans:
        tags[start:end] = [f"I-{label}"] * (end - start)
        tags[start] = f"B-{label}"
        if scheme == "biluo":
            tags[end - 1] = f"L-{label}" if end - start > 1 else f"U-{label}"
    return tags

"""Column tags (``B-DRUG``, ``I-DRUG``, ``O``) to token spans and back, in the four schemes that files use.

============ ===========================================================================================
``bio``      B begins, I goes on (IOB2) ``iob1``     I begins and goes on; B only where an entity follows
another of its label without a gap ``biluo``    B begins, I goes on, L (or E) ends, U (or S) stands alone; so
BILOU, BIOES, IOBES too ``auto``     all of them at once, as the CoNLL shared tasks score: I or L that nothing
precedes begins an entity
============ ===========================================================================================
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from nerture.core.annotations.json_rows import is_label, shown

Scheme: TypeAlias = Literal["auto", "bio", "iob1", "biluo"]
"""How tags are read."""

WrittenScheme: TypeAlias = Literal["bio", "biluo"]
"""How tags are written."""

Bounds: TypeAlias = tuple[int, int, str]
"""A span's tokens, ``[start, end)``, and its label."""

_MARKS = {"auto": "BILUES", "bio": "BI", "iob1": "BI", "biluo": "BILUES"}
_PLAIN = str.maketrans("ES", "LU")


class BadTag(NamedTuple):
    """A tag that cannot stand where it stands: the token's index and what is wrong."""

    token: int
    message: str


def is_tag(tag: str) -> bool:
    """Say whether ``tag`` is a tag of any scheme: ``O``, or a mark, a hyphen and a label."""
    return tag == "O" or (tag[:1] in set(_MARKS["auto"]) and tag[1:2] == "-" and is_label(tag[2:]))


def spans_of_tags(tags: Sequence[str], scheme: Scheme = "auto") -> tuple[list[Bounds], list[BadTag]]:
    """Return the spans that ``tags`` mark, and the tags that the scheme does not allow where they stand.

    A tag that is refused is read as ``auto`` reads it, so that each fault is told once; ``auto`` refuses only
    what is no tag.
    """
    spans: list[Bounds] = []
    bad: list[BadTag] = []
    open_start, open_label = 0, ""  # no label: nothing is open
    before, before_label = "O", ""
    for index, tag in enumerate([*tags, "O"]):
        if not is_tag(tag):
            bad.append(
                BadTag(index, f"{shown(tag)} is no tag; allowed are O and {'-, '.join(_MARKS[scheme])}-LABEL")
            )
            mark, label = "O", ""
        else:
            mark, label = tag[0], tag[2:]
        if message := _refused(mark, label, before, before_label, scheme):
            where = (
                "at the end of the text"
                if index == len(tags)
                else f"{tag} after {_joined(before, before_label)}"
            )
            bad.append(BadTag(min(index, len(tags) - 1), f"{where}: {message} (scheme {scheme})"))
        mark = mark.translate(_PLAIN)
        goes_on = mark in "IL" and open_label == label
        if open_label and not goes_on:
            spans.append((open_start, index, open_label))
            open_label = ""
        if mark != "O" and not goes_on:
            open_start, open_label = index, label
        if mark in "LU" and open_label:
            spans.append((open_start, index + 1, open_label))
            open_label = ""
        before, before_label = mark, label
    return spans, bad


def _joined(mark: str, label: str) -> str:
    return f"{mark}-{label}" if label else mark


def _refused(mark: str, label: str, before: str, before_label: str, scheme: Scheme) -> str:
    """Return why ``mark`` cannot follow ``before`` in the scheme; empty if it can."""
    refusal = ""
    goes_on = before != "O" and before_label == label
    if scheme == "auto":
        return refusal
    if mark not in "O" + _MARKS[scheme]:
        return f"allowed marks are {', '.join(_MARKS[scheme])} and O"
    match scheme, mark.translate(_PLAIN):
        case "bio", "I" if not goes_on:
            refusal = "I must follow B or I of its label"
        case "iob1", "B" if not goes_on:
            refusal = "B must follow an entity of its label"
        case "biluo", "I" | "L" if not (goes_on and before in "BI"):
            refusal = f"{mark} must follow B or I of its label"
        case "biluo", "B" | "U" | "O" if before in "BI":
            refusal = f"{_joined(before, before_label)} must be followed by I or L of its label"
    return refusal


def tags_of_spans(length: int, spans: Sequence[Bounds], scheme: WrittenScheme = "bio") -> list[str]:
    """Return the tags of ``length`` tokens; ``spans`` must lie within them and not overlap."""
    tags = ["O"] * length
    for start, end, label in spans:
        tags[start:end] = [f"I-{label}"] * (end - start)
        tags[start] = f"B-{label}"
        if scheme == "biluo":
            tags[end - 1] = f"L-{label}" if end - start > 1 else f"U-{label}"
    return tags

"""Rows as objects (``{"text": ..., "spans": [...]}``), checked field by field: records, or problems."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, get_args

import numpy as np

from nerture.core.annotations.record import Answer, CharSpan, Problem, Record
from nerture.core.errors import Origin
from nerture.core.text.doc import Offsets

Say: TypeAlias = Callable[[str, str], None]
"""Takes a problem's code and message."""

SHOWN_CHARS = 40


def shown(value: object) -> str:
    """Return ``value`` as a message quotes it: its repr, cut to a readable length."""
    try:
        text = repr(value[: SHOWN_CHARS + 1] if isinstance(value, str) else value)
    except RecursionError:
        return "something nested deeply"
    return text if len(text) <= SHOWN_CHARS + 2 else text[: SHOWN_CHARS - 1] + "..."


def read_json_row(text: str, origin: Origin) -> Iterator[Record | Problem]:
    """Yield the record that ``text``, a JSON object, is, or its problems (``bad-json``, ``read_row``'s)."""
    try:
        row = json.loads(text)
    except json.JSONDecodeError as error:
        yield Problem(origin, "bad-json", f"not JSON: {error.msg}, column {error.colno}", text)
    except RecursionError:
        yield Problem(origin, "bad-json", "not usable JSON: nested too deeply", text)
    except ValueError as error:  # a number of thousands of digits
        yield Problem(origin, "bad-json", f"not usable JSON: {error}", text)
    else:
        yield from read_row(row, origin, text)


def read_row(row: object, origin: Origin, raw: str = "") -> Iterator[Record | Problem]:
    """Yield the record that ``row`` holds, or every problem with it.

    Known fields: ``text``; ``spans`` (objects with ``start``, ``end``, ``label``) or ``entities`` (such
    objects or ``[start, end, label]``); ``tokens``; ``answer``; ``complete``; ``_is_binary``. Offsets count
    code points, the end is exclusive. Problem codes: ``not-an-object``, ``missing-text``,
    ``text-not-string``, ``not-unicode``, ``bad-span``, ``bad-label``, ``span-empty``, ``span-outside-text``,
    ``span-text-differs``, ``bad-tokens``, ``bad-answer``, ``bad-complete``.
    """
    problems: list[Problem] = []

    def say(code: str, message: str) -> None:
        problems.append(Problem(origin, code, message, "" if problems else raw))

    if not isinstance(row, Mapping):
        say("not-an-object", f"expected an object that has a text, got {_kind(row)}")
    elif "text" not in row:
        say("missing-text", "the row has no text")
    elif not isinstance(row["text"], str):
        say("text-not-string", f"text: expected a string, got {_kind(row['text'])}")
    elif (bad := _lone_surrogate(row["text"])) is not None:
        say("not-unicode", f"text holds half a surrogate pair at character {bad}, which is no character")
    else:
        record = _record(row, origin, say)
        if not problems:
            yield record
    yield from problems


def _record(row: Mapping[str, Any], origin: Origin, say: Say) -> Record:
    text = row["text"]
    spans = _spans(row, text, say)
    own_answers = spans is not None and any(span.answer is not None for span in spans)
    return Record(
        text=text,
        origin=origin,
        offsets=_tokens(row.get("tokens"), text, say),
        spans=spans,
        answer=_answer(row.get("answer"), "answer", say),
        complete=_complete(row.get("complete"), say),
        binary=row.get("_is_binary") is True or own_answers,
        fields=row,
    )


def holds_entities(row: Mapping[str, Any]) -> bool:
    """Say whether the row's ``entities`` are its spans: no ``spans`` beside them, and of that form."""
    entities = row.get("entities")
    return (
        row.get("spans") is None
        and isinstance(entities, list | tuple)
        and all(isinstance(item, list | tuple | Mapping) for item in entities)
    )


def _spans(row: Mapping[str, Any], text: str, say: Say) -> tuple[CharSpan, ...] | None:
    name = "entities" if holds_entities(row) else "spans"
    items = row.get(name)
    if items is None:
        return None
    if not isinstance(items, list | tuple):
        say("bad-span", f"{name}: expected a list, got {_kind(items)}")
        return None
    found = (_span(item, f"{name}[{index}]", text, say) for index, item in enumerate(items))
    return tuple(span for span in found if span is not None)


def _span(item: object, place: str, text: str, say: Say) -> CharSpan | None:
    if isinstance(item, Mapping):
        if missing := [key for key in ("start", "end", "label") if key not in item]:
            say("bad-span", f"{place} has no {' and no '.join(missing)}")
            return None
        answer = _answer(item.get("answer"), f"{place}.answer", say)
        start, end, label, own_text = item["start"], item["end"], item["label"], item.get("text")
    elif isinstance(item, list | tuple) and len(item) in (3, 4):  # a fourth is an id in some knowledge base
        start, end, label = item[:3]
        own_text, answer = None, None
    else:
        say("bad-span", f"{place}: expected an object or a list with start, end and label, got {shown(item)}")
        return None
    if not _whole(start) or not _whole(end):
        say("bad-span", f"{place}: expected whole numbers, got offsets {shown(start)} and {shown(end)}")
    elif not isinstance(label, str) or not is_label(label):
        allowed = "a printable string without space around it"
        say("bad-label", f"{place}: expected {allowed}, got label {shown(label)}")
    elif fault := _misplaced(start, end, own_text, text):
        code, message = fault
        say(code, f"{place}, {label} (characters {shown(start)} to {shown(end)}), {message}")
    else:
        return CharSpan(start, end, label, answer)
    return None


def _misplaced(start: int, end: int, own_text: object, text: str) -> tuple[str, str] | None:
    """Return the code and message of what is wrong with a span's bounds, or None."""
    if start >= end:
        return "span-empty", "is empty: its end must lie behind its start"
    if start < 0 or end > len(text):
        return "span-outside-text", f"leaves the text, which has characters 0 to {len(text)}"
    if isinstance(own_text, str) and own_text != text[start:end]:
        there, units = shown(text[start:end]), _other_units(text, own_text, start, end)
        return (
            "span-text-differs",
            f"says that its text is {shown(own_text)}, but there stands {there}{units}",
        )
    return None


def _other_units(text: str, own_text: str, start: int, end: int) -> str:
    """Say in which units the offsets would be right, if there are such units."""
    for encoding, size, units in (("utf-16-le", 2, "UTF-16 units"), ("utf-8", 1, "UTF-8 bytes")):
        if text.encode(encoding)[size * start : size * end].decode(encoding, errors="replace") == own_text:
            return f"; the offsets seem to count {units}, allowed are code points"
    return ""


def _tokens(items: object, text: str, say: Say) -> Offsets | None:
    """Return the tokens' offsets, int32 (N, 2), or None where the row brings none."""
    if items is None or items == []:
        return None
    if not isinstance(items, Sequence) or isinstance(items, str):
        say("bad-tokens", f"tokens: expected a list, got {_kind(items)}")
        return None
    offsets = np.empty((len(items), 2), dtype=np.int32)
    before = 0
    for index, item in enumerate(items):
        if not isinstance(item, Mapping) or not _whole(item.get("start")) or not _whole(item.get("end")):
            say(
                "bad-tokens",
                f"tokens[{index}]: expected an object with whole numbers start and end, got {shown(item)}",
            )
            return None
        start, end = item["start"], item["end"]
        if not before <= start < end <= len(text):
            limits = f"allowed are non-empty tokens in order, from character {before} to {len(text)}"
            say("bad-tokens", f"tokens[{index}] has characters {shown(start)} to {shown(end)}, {limits}")
            return None
        if "text" in item and item["text"] != text[start:end]:
            there = shown(text[start:end])
            say(
                "bad-tokens",
                f"tokens[{index}] says that its text is {shown(item['text'])}, but there stands {there}",
            )
            return None
        offsets[index] = start, end
        before = end
    return offsets


def _answer(value: object, place: str, say: Say) -> Answer | None:
    if value is None or value in get_args(Answer):
        return value  # type: ignore[return-value]
    say("bad-answer", f"{place}: expected accept, reject and ignore, got {shown(value)}")
    return None


def _complete(value: object, say: Say) -> bool | frozenset[str] | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, list | tuple) and all(isinstance(label, str) and is_label(label) for label in value):
        return frozenset(value)
    say("bad-complete", f"complete: expected true, false and a list of labels, got {shown(value)}")
    return None


def is_label(label: str) -> bool:
    """Say whether ``label`` can name a kind of entity: printable, not empty, no space around it."""
    return bool(label) and label.isprintable() and label.strip() == label


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _lone_surrogate(text: str) -> int | None:
    """Return where ``text`` holds a surrogate, which no UTF-8 file can hold; None if it holds none."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return error.start
    return None


def _kind(value: object) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        ((int, float), "a number"),
        (str, "a string"),
        ((list, tuple), "a list"),
        (Mapping, "an object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")

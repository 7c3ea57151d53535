"""Reads rows that are objects (``{"text": ..., "spans": [...]}``), field by field, as records or problems."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, get_args

import numpy as np

from nerture.core.annotations.record import Answer, CharSpan, Problem, Record
from nerture.core.errors import Origin
from nerture.core.text.doc import Offsets

AddProblem: TypeAlias = Callable[[str, str], None]
"""Called with a problem's code and message."""

MAX_VALUE_CHARS = 40


def format_value(value: object) -> str:
    """Return ``value`` as messages quote it: its repr, truncated to a readable length."""
    try:
        text = repr(value[: MAX_VALUE_CHARS + 1] if isinstance(value, str) else value)
    except RecursionError:
        return "a deeply nested value"
    return text if len(text) <= MAX_VALUE_CHARS + 2 else text[: MAX_VALUE_CHARS - 1] + "..."


def read_json_row(text: str, origin: Origin) -> Iterator[Record | Problem]:
    """Yield the record in ``text``, a JSON object, or its problems (``bad-json``, those of ``read_row``)."""
    try:
        row = json.loads(text)
    except json.JSONDecodeError as error:
        yield Problem(origin, "bad-json", f"not JSON: {error.msg}, column {error.colno}", text)
    except RecursionError:
        yield Problem(origin, "bad-json", "not usable JSON: nested too deeply", text)
    except ValueError as error:  # a number with thousands of digits
        yield Problem(origin, "bad-json", f"not usable JSON: {error}", text)
    else:
        yield from read_row(row, origin, text)


def read_row(row: object, origin: Origin, raw: str = "") -> Iterator[Record | Problem]:
    """Yield the record in ``row``, or every problem with it.

    Known fields: ``text``; ``spans`` (objects with ``start``, ``end``, ``label``) or ``entities`` (such
    objects or ``[start, end, label]``); ``tokens``; ``answer``; ``complete``; ``_is_binary``. Offsets count
    code points; the end is exclusive. Problem codes: ``not-an-object``, ``missing-text``,
    ``text-not-string``, ``not-unicode``, ``bad-span``, ``bad-label``, ``span-empty``, ``span-outside-text``,
    ``span-text-differs``, ``bad-tokens``, ``bad-answer``, ``bad-complete``.
    """
    problems: list[Problem] = []

    def add_problem(code: str, message: str) -> None:
        problems.append(Problem(origin, code, message, "" if problems else raw))

    if not isinstance(row, Mapping):
        add_problem("not-an-object", f"expected an object with a text, got {_name_type(row)}")
    elif "text" not in row:
        add_problem("missing-text", "the row has no text")
    elif not isinstance(row["text"], str):
        add_problem("text-not-string", f"text: expected a string, got {_name_type(row['text'])}")
    elif (position := _find_lone_surrogate(row["text"])) is not None:
        message = f"text: expected Unicode, got half a surrogate pair at character {position}"
        add_problem("not-unicode", message)
    else:
        record = _read_record(row, origin, add_problem)
        if not problems:
            yield record
    yield from problems


def _read_record(row: Mapping[str, Any], origin: Origin, add_problem: AddProblem) -> Record:
    text = row["text"]
    spans = _read_spans(row, text, add_problem)
    own_answers = spans is not None and any(span.answer is not None for span in spans)
    return Record(
        text=text,
        origin=origin,
        offsets=_read_tokens(row.get("tokens"), text, add_problem),
        spans=spans,
        answer=_read_answer(row.get("answer"), "answer", add_problem),
        complete=_read_complete(row.get("complete"), add_problem),
        binary=row.get("_is_binary") is True or own_answers,
        fields=row,
    )


def has_entities_as_spans(row: Mapping[str, Any]) -> bool:
    """Return True if the row's ``entities`` are its spans: no ``spans`` are there, and the form is right."""
    entities = row.get("entities")
    return (
        row.get("spans") is None
        and isinstance(entities, list | tuple)
        and all(isinstance(item, list | tuple | Mapping) for item in entities)
    )


def _read_spans(row: Mapping[str, Any], text: str, add_problem: AddProblem) -> tuple[CharSpan, ...] | None:
    name = "entities" if has_entities_as_spans(row) else "spans"
    items = row.get(name)
    if items is None:
        return None
    if not isinstance(items, list | tuple):
        add_problem("bad-span", f"{name}: expected a list, got {_name_type(items)}")
        return None
    spans = (_read_span(item, f"{name}[{index}]", text, add_problem) for index, item in enumerate(items))
    return tuple(span for span in spans if span is not None)


def _read_span(item: object, place: str, text: str, add_problem: AddProblem) -> CharSpan | None:
    if isinstance(item, Mapping):
        if missing := [key for key in ("start", "end", "label") if key not in item]:
            add_problem("bad-span", f"{place} has no {' and no '.join(missing)}")
            return None
        answer = _read_answer(item.get("answer"), f"{place}.answer", add_problem)
        start, end, label, own_text = item["start"], item["end"], item["label"], item.get("text")
    elif isinstance(item, list | tuple) and len(item) in (3, 4):  # the fourth is an id in a knowledge base
        start, end, label = item[:3]
        own_text, answer = None, None
    else:
        expected = "an object or a list with start, end and label"
        add_problem("bad-span", f"{place}: expected {expected}, got {format_value(item)}")
        return None
    if not _is_whole_number(start) or not _is_whole_number(end):
        bounds = f"{format_value(start)} and {format_value(end)}"
        add_problem("bad-span", f"{place}: expected whole numbers as start and end, got {bounds}")
    elif not isinstance(label, str) or not is_label(label):
        expected = "a printable string without surrounding space as label"
        add_problem("bad-label", f"{place}: expected {expected}, got {format_value(label)}")
    elif fault := _find_bounds_fault(start, end, own_text, text):
        code, message = fault
        bounds = f"characters {format_value(start)} to {format_value(end)}"
        add_problem(code, f"{place}: {label} ({bounds}) {message}")
    else:
        return CharSpan(start, end, label, answer)
    return None


def _find_bounds_fault(start: int, end: int, own_text: object, text: str) -> tuple[str, str] | None:
    """Return the code and message of the fault of a span's bounds, or None."""
    if start >= end:
        return "span-empty", "is empty: expected an end after its start"
    if start < 0 or end > len(text):
        return "span-outside-text", f"is outside the text: expected characters 0 to {len(text)}"
    if isinstance(own_text, str) and own_text != text[start:end]:
        actual, units = format_value(text[start:end]), _guess_units(text, own_text, start, end)
        return "span-text-differs", f"covers {actual}, but its text is {format_value(own_text)}{units}"
    return None


def _guess_units(text: str, own_text: str, start: int, end: int) -> str:
    """Return a hint in which units the offsets would be right; empty if there are none."""
    for encoding, size, units in (("utf-16-le", 2, "UTF-16 units"), ("utf-8", 1, "UTF-8 bytes")):
        if text.encode(encoding)[size * start : size * end].decode(encoding, errors="replace") == own_text:
            return f"; the offsets seem to count {units}: expected code points"
    return ""


def _read_tokens(items: object, text: str, add_problem: AddProblem) -> Offsets | None:
    """Return the tokens' offsets, int32 (N, 2), or None if the row has none."""
    if items is None or items == []:
        return None
    if not isinstance(items, Sequence) or isinstance(items, str):
        add_problem("bad-tokens", f"tokens: expected a list, got {_name_type(items)}")
        return None
    offsets = np.empty((len(items), 2), dtype=np.int32)
    previous_end = 0
    for index, item in enumerate(items):
        place = f"tokens[{index}]"
        if not isinstance(item, Mapping) or not all(map(_is_whole_number, map(item.get, ("start", "end")))):
            expected = "an object with whole numbers as start and end"
            add_problem("bad-tokens", f"{place}: expected {expected}, got {format_value(item)}")
            return None
        start, end = item["start"], item["end"]
        if not previous_end <= start < end <= len(text):
            expected = f"a non-empty token within characters {previous_end} to {len(text)}"
            bounds = f"characters {format_value(start)} to {format_value(end)}"
            add_problem("bad-tokens", f"{place}: expected {expected}, got {bounds}")
            return None
        if "text" in item and item["text"] != text[start:end]:
            actual = format_value(text[start:end])
            add_problem(
                "bad-tokens", f"{place} covers {actual}, but its text is {format_value(item['text'])}"
            )
            return None
        offsets[index] = start, end
        previous_end = end
    return offsets


def _read_answer(value: object, place: str, add_problem: AddProblem) -> Answer | None:
    if value is None or value in get_args(Answer):
        return value  # type: ignore[return-value]
    add_problem("bad-answer", f"{place}: expected accept, reject or ignore, got {format_value(value)}")
    return None


def _read_complete(value: object, add_problem: AddProblem) -> bool | frozenset[str] | None:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, list | tuple) and all(isinstance(label, str) and is_label(label) for label in value):
        return frozenset(value)
    expected = "true, false or a list of labels"
    add_problem("bad-complete", f"complete: expected {expected}, got {format_value(value)}")
    return None


def is_label(label: str) -> bool:
    """Return True if ``label`` can name a kind of entity: printable, not empty, no surrounding space."""
    return bool(label) and label.isprintable() and label.strip() == label


def _is_whole_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _find_lone_surrogate(text: str) -> int | None:
    """Return the position of the first surrogate, which UTF-8 cannot encode; None if there is none."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return error.start
    return None


def _name_type(value: object) -> str:
    kinds: tuple[tuple[type | tuple[type, ...], str], ...] = (
        (bool, "true or false"),
        ((int, float), "a number"),
        (str, "a string"),
        ((list, tuple), "a list"),
        (Mapping, "an object"),
    )
    return next((name for kind, name in kinds if isinstance(value, kind)), "null")

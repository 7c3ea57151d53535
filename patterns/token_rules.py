"""Reads and checks one token of a pattern: attributes, predicates, operator."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from nerture.core.format_json import format_json
from nerture.patterns.attributes import ATTRIBUTES, REFUSED, SPACY, Attribute
from nerture.patterns.fuzzy import default_edits
from nerture.patterns.predicates import (
    COMPARISONS,
    Among,
    Compare,
    Condition,
    Equal,
    Fuzzy,
    Predicate,
    Regex,
    Superset,
    TokenTest,
)
from nerture.patterns.row_errors import RowError, suggest

MAX_EDITS = 9
_OPERATORS: dict[str, tuple[int, int | None]] = {
    "1": (1, 1),
    "!": (1, 1),
    "?": (0, 1),
    "+": (1, None),
    "*": (0, None),
}
_COUNTED = re.compile(r"\{(\d{1,6})\}|\{(\d{0,6}),(\d{0,6})\}", re.ASCII)
_SETS = ("IN", "NOT_IN", "IS_SUBSET", "IS_SUPERSET", "INTERSECTS")
_FUZZY = ("FUZZY", *(f"FUZZY{edits}" for edits in range(1, MAX_EDITS + 1)))
_NESTED = ("IN", "NOT_IN")
_ALLOWED = {"text": ("REGEX", *_FUZZY, *_SETS), "number": (*_SETS, *COMPARISONS), "flag": ()}
_VALUES = {"text": "a text", "number": "a whole number", "flag": "true or false"}


def parse_token(token: Any, where: str) -> tuple[TokenTest, int, int | None]:
    """Read the token at ``where`` (``pattern[2]``): its test, minimum and maximum count (None for no limit).

    Raises ``RowError`` with everything that is wrong with it.
    """
    if not isinstance(token, dict):
        raise RowError(
            "bad-token", f'{where}: expected an object such as {{"LOWER": "x"}}, got {format_json(token)}'
        )
    faults: list[tuple[str, str]] = []
    conditions: list[Condition] = []
    space: bool | None = None
    operator: Any = "1"
    names: set[str] = set()
    for key, value in token.items():
        name, place = key.upper(), f"{where}.{key}"
        if name in names:
            faults.append(("duplicate-key", f"{place}: {name} occurs twice"))
        names.add(name)
        try:
            if name == "OP":
                operator = value
            elif name == SPACY:
                space = _flag(value, place)
            else:
                conditions.extend(_conditions(_attribute(name, place), value, place))
        except RowError as error:
            faults.extend(error.faults)
    minimum, maximum = 1, None
    try:
        minimum, maximum = _counts(operator, f"{where}.OP")
    except RowError as error:
        faults.extend(error.faults)
    if faults:
        raise RowError(faults=faults)
    return TokenTest(tuple(conditions), space, negated=operator == "!"), minimum, maximum


def _attribute(name: str, place: str) -> Attribute:
    attribute = ATTRIBUTES.get(name)
    if attribute:
        return attribute
    if name in REFUSED:
        raise RowError("refused-attribute", f"{place}: {name} cannot be matched: {REFUSED[name]}")
    raise RowError(
        "unknown-attribute", f"{place}: unknown attribute; {suggest(name, (*ATTRIBUTES, SPACY, 'OP'))}"
    )


def _counts(operator: Any, place: str) -> tuple[int, int | None]:
    if isinstance(operator, str):
        if operator in _OPERATORS:
            return _OPERATORS[operator]
        counted = _COUNTED.fullmatch(operator)
        if counted and operator != "{,}":
            if counted[1]:
                return int(counted[1]), int(counted[1])
            minimum, maximum = int(counted[2] or 0), int(counted[3]) if counted[3] else None
            if maximum is None or minimum <= maximum:
                return minimum, maximum
            raise RowError(
                "bad-operator",
                f"{place}: expected a minimum that is not above the maximum, got {format_json(operator)}",
            )
    raise RowError(
        "bad-operator",
        f"{place}: expected !, ?, +, *, {{n}}, {{n,m}}, {{n,}} or {{,m}}, got {format_json(operator)}",
    )


def _conditions(attribute: Attribute, value: Any, place: str) -> Iterable[Condition]:
    if attribute.kind == "flag":
        return [Condition(attribute, Equal(_flag(value, place)))]
    if not isinstance(value, dict):
        return [Condition(attribute, Equal(_plain(attribute, value, place)))]
    if not value:
        raise RowError(
            "bad-value",
            f"{place}: expected one of {', '.join(_ALLOWED[attribute.kind])}, got an empty object",
        )
    faults: list[tuple[str, str]] = []
    conditions: list[Condition] = []
    for key, argument in value.items():
        try:
            conditions.append(
                Condition(attribute, _predicate(attribute, key.upper(), argument, f"{place}.{key}"))
            )
        except RowError as error:
            faults.extend(error.faults)
    if faults:
        raise RowError(faults=faults)
    return conditions


def _predicate(attribute: Attribute, name: str, argument: Any, place: str) -> Predicate:
    allowed = _ALLOWED[attribute.kind]
    if name not in allowed:
        if name in _ALLOWED["text"] or name in _ALLOWED["number"]:
            why = f"{name} does not apply to {attribute.name}; expected one of {', '.join(allowed)}"
        else:
            why = f"unknown predicate; {suggest(name, allowed)}"
        raise RowError("unknown-predicate", f"{place}: {why}")
    if name in COMPARISONS:
        if isinstance(argument, bool) or not isinstance(argument, (int, float)):
            raise RowError("bad-value", f"{place}: expected a number, got {format_json(argument)}")
        return Compare(name, argument)
    if name == "REGEX" or name in _FUZZY:
        return _text_predicate(name, argument, place)
    values = frozenset(_list(attribute, argument, place))
    return Superset(values) if name == "IS_SUPERSET" else Among(values, inside=name != "NOT_IN")


def _text_predicate(name: str, argument: Any, place: str) -> Predicate:
    texts, inside = [argument], True
    if isinstance(argument, dict):
        if len(argument) != 1 or next(iter(argument)).upper() not in _NESTED:
            raise RowError(
                "bad-value",
                f"{place}: expected a text or one of {', '.join(_NESTED)}, got {format_json(argument)}",
            )
        ((nested, texts),) = argument.items()
        inside = nested.upper() == "IN"
        place = f"{place}.{nested}"
        texts = _list(ATTRIBUTES["ORTH"], texts, place)
    elif not isinstance(argument, str):
        raise RowError("bad-value", f"{place}: expected a text, got {format_json(argument)}")
    if name == "REGEX":
        return Regex(tuple(_regex(text, place) for text in texts), inside)
    edits = int(name.removeprefix("FUZZY") or 0)
    return Fuzzy(tuple((text, edits or default_edits(text)) for text in texts), inside)


def _regex(text: str, place: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, OverflowError, ValueError, RecursionError) as error:
        raise RowError(
            "bad-regex", f"{place}: expected a regular expression, got {format_json(text)}: {error}"
        ) from error


def _list(attribute: Attribute, argument: Any, place: str) -> list[str | int]:
    if not isinstance(argument, list):
        raise RowError("bad-value", f"{place}: expected a list, got {format_json(argument)}")
    return [_plain(attribute, value, place) for value in argument]


def _plain(attribute: Attribute, value: Any, place: str) -> str | int:
    if attribute.kind == "text" and isinstance(value, str):
        return value
    if attribute.kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        return value
    raise RowError("bad-value", f"{place}: expected {_VALUES[attribute.kind]}, got {format_json(value)}")


def _flag(value: Any, place: str) -> bool:
    if isinstance(value, bool):
        return value
    raise RowError("bad-value", f"{place}: expected true or false, got {format_json(value)}")

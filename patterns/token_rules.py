"""One token of a pattern, read and checked: attributes, predicates, operator."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from nerture.patterns.attributes import ATTRIBUTES, REFUSED, SPACY, Attribute
from nerture.patterns.fuzzy import allowance
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
from nerture.patterns.row_errors import RowError, nearest, shown

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
    """Read the token at ``where`` (``pattern[2]``): its test, the least and the most times (None: no limit).

    Raises ``RowError`` with everything that is wrong with it.
    """
    if not isinstance(token, dict):
        raise RowError(
            "bad-token", f'{where}: {shown(token)} is no token: it must be an object such as {{"LOWER": "x"}}'
        )
    found: list[tuple[str, str]] = []
    conditions: list[Condition] = []
    space: bool | None = None
    operator: Any = "1"
    names: set[str] = set()
    for key, value in token.items():
        name, place = key.upper(), f"{where}.{key}"
        if name in names:
            found.append(("duplicate-key", f"{place}: {name} is given twice"))
        names.add(name)
        try:
            if name == "OP":
                operator = value
            elif name == SPACY:
                space = _flag(value, place)
            else:
                conditions.extend(_conditions(_attribute(name, place), value, place))
        except RowError as error:
            found.extend(error.found)
    least, most = 1, None
    try:
        least, most = _counts(operator, f"{where}.OP")
    except RowError as error:
        found.extend(error.found)
    if found:
        raise RowError(found=found)
    return TokenTest(tuple(conditions), space, negated=operator == "!"), least, most


def _attribute(name: str, place: str) -> Attribute:
    attribute = ATTRIBUTES.get(name)
    if attribute:
        return attribute
    if name in REFUSED:
        raise RowError("refused-attribute", f"{place}: {name} cannot be matched: {REFUSED[name]}")
    raise RowError(
        "unknown-attribute", f"{place}: unknown attribute; {nearest(name, (*ATTRIBUTES, SPACY, 'OP'))}"
    )


def _counts(operator: Any, place: str) -> tuple[int, int | None]:
    if isinstance(operator, str):
        if operator in _OPERATORS:
            return _OPERATORS[operator]
        counted = _COUNTED.fullmatch(operator)
        if counted and operator != "{,}":
            if counted[1]:
                return int(counted[1]), int(counted[1])
            least, most = int(counted[2] or 0), int(counted[3]) if counted[3] else None
            if most is None or least <= most:
                return least, most
            raise RowError(
                "bad-operator", f"{place}: {shown(operator)} asks for at least {least} and at most {most}"
            )
    raise RowError(
        "bad-operator",
        f"{place}: {shown(operator)} is no operator; allowed are !, ?, +, *, {{n}}, {{n,m}}, {{n,}}, {{,m}}",
    )


def _conditions(attribute: Attribute, value: Any, place: str) -> Iterable[Condition]:
    if attribute.kind == "flag":
        return [Condition(attribute, Equal(_flag(value, place)))]
    if not isinstance(value, dict):
        return [Condition(attribute, Equal(_plain(attribute, value, place)))]
    if not value:
        raise RowError(
            "bad-value", f"{place}: the object is empty; allowed are {', '.join(_ALLOWED[attribute.kind])}"
        )
    found: list[tuple[str, str]] = []
    conditions: list[Condition] = []
    for key, argument in value.items():
        try:
            conditions.append(
                Condition(attribute, _predicate(attribute, key.upper(), argument, f"{place}.{key}"))
            )
        except RowError as error:
            found.extend(error.found)
    if found:
        raise RowError(found=found)
    return conditions


def _predicate(attribute: Attribute, name: str, argument: Any, place: str) -> Predicate:
    allowed = _ALLOWED[attribute.kind]
    if name not in allowed:
        if name in _ALLOWED["text"] or name in _ALLOWED["number"]:
            why = f"{name} does not apply to {attribute.name}; allowed are {', '.join(allowed)}"
        else:
            why = f"unknown predicate; {nearest(name, allowed)}"
        raise RowError("unknown-predicate", f"{place}: {why}")
    if name in COMPARISONS:
        if isinstance(argument, bool) or not isinstance(argument, (int, float)):
            raise RowError("bad-value", f"{place}: {shown(argument)} must be a number")
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
                f"{place}: within {name} there may be one of {', '.join(_NESTED)}, not {shown(argument)}",
            )
        ((nested, texts),) = argument.items()
        inside = nested.upper() == "IN"
        place = f"{place}.{nested}"
        texts = _list(ATTRIBUTES["ORTH"], texts, place)
    elif not isinstance(argument, str):
        raise RowError("bad-value", f"{place}: {shown(argument)} must be a text")
    if name == "REGEX":
        return Regex(tuple(_regex(text, place) for text in texts), inside)
    edits = int(name.removeprefix("FUZZY") or 0)
    return Fuzzy(tuple((text, edits or allowance(text)) for text in texts), inside)


def _regex(text: str, place: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except (re.error, OverflowError, ValueError, RecursionError) as error:
        raise RowError("bad-regex", f"{place}: {shown(text)} is not a regular expression: {error}") from error


def _list(attribute: Attribute, argument: Any, place: str) -> list[str | int]:
    if not isinstance(argument, list):
        raise RowError("bad-value", f"{place}: {shown(argument)} must be a list")
    return [_plain(attribute, value, place) for value in argument]


def _plain(attribute: Attribute, value: Any, place: str) -> str | int:
    if attribute.kind == "text" and isinstance(value, str):
        return value
    if attribute.kind == "number" and isinstance(value, int) and not isinstance(value, bool):
        return value
    raise RowError("bad-value", f"{place}: {shown(value)} must be {_VALUES[attribute.kind]}")


def _flag(value: Any, place: str) -> bool:
    if isinstance(value, bool):
        return value
    raise RowError("bad-value", f"{place}: {shown(value)} must be true or false")

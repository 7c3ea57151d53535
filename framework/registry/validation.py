"""Validation by pydantic, with our own messages: key path, what was expected, what was there.

Data is validated strictly and as JSON: a list may become a tuple and a text a path, but "1" never a number.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeAlias, TypeVar, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from nerture.core.format_json import format_json
from nerture.registry.names import describe_unknown

KeyPath: TypeAlias = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

EXPECTED: Mapping[str, str] = MappingProxyType(
    {
        "bool_parsing": "true or false",
        "bool_type": "true or false",
        "dict_type": "a mapping",
        "finite_number": "a finite number",
        "float_parsing": "a number",
        "float_type": "a number",
        "frozen_set_type": "a list",
        "greater_than": "more than {gt:g}",
        "greater_than_equal": "{ge:g} or more",
        "int_from_float": "a whole number",
        "int_parsing": "a whole number",
        "int_type": "a whole number",
        "less_than": "less than {lt:g}",
        "less_than_equal": "{le:g} or less",
        "list_type": "a list",
        "literal_error": "{expected}",
        "enum": "{expected}",
        "model_type": "a mapping",
        "none_required": "null",
        "path_type": "a path",
        "set_type": "a list",
        "string_pattern_mismatch": "text that matches {pattern}",
        "string_too_long": "text of {max_length} characters or fewer",
        "string_too_short": "text of {min_length} characters or more",
        "string_type": "text",
        "too_long": "a list of {max_length} or fewer",
        "too_short": "a list of {min_length} or more",
        "tuple_type": "a list",
    }
)
"""What was expected, by pydantic's type of error."""

MISMATCHES = frozenset(name for name in EXPECTED if name.endswith(("_type", "_parsing", "_required")))
"""Errors that another type was expected: in a union, each alternative has one."""


@dataclass(frozen=True, slots=True)
class Issue:
    """Something wrong at a key path."""

    path: KeyPath
    message: str


def format_key_path(path: KeyPath) -> str:
    """Return a key path as text: ``sources[0].path``."""
    text = ""
    for key in path:
        text += f"[{key}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def validate(
    model: type[Model], raw: Mapping[str, object], path: KeyPath = (), host_keys: Iterable[str] = ()
) -> tuple[Model | None, list[Issue]]:
    """Check ``raw``, found at ``path``; return an instance of ``model``, or None and what is wrong.

    ``host_keys`` are further keys that are allowed there and checked elsewhere; messages list them.
    """
    if not raw and _needs_no_validation(model):
        return model.model_construct(), []  # making a validator imports importlib.metadata, which is slow
    try:
        return model.model_validate_json(json.dumps(raw), strict=True), []
    except ValidationError as error:
        return None, [
            Issue(path + inner, message) for inner, message in _explain(model, raw, error, tuple(host_keys))
        ]
    except (TypeError, ValueError) as error:
        return None, [Issue(path, f"cannot be written as JSON: {error}")]


def _needs_no_validation(model: type[BaseModel]) -> bool:
    """Return True if a model without values is valid: it requires nothing, and does not check defaults."""
    fields = model.model_fields.values()
    return not (
        any(field.is_required() or field.validate_default for field in fields)
        or model.model_config.get("validate_default")
        or model.__pydantic_decorators__.model_validators
        or model.__pydantic_custom_init__
    )


def _explain(
    model: type[BaseModel], raw: Mapping[str, object], error: ValidationError, host_keys: tuple[str, ...]
) -> Iterator[tuple[KeyPath, str]]:
    """Yield key path and message of each error; those of a union's alternatives become one."""
    details = [(_path(raw, item), item) for item in error.errors(include_url=False)]
    alternatives: dict[KeyPath, list[str]] = {}
    for path, item in details:
        if item["type"] in MISMATCHES:
            alternatives.setdefault(path, []).append(_expected(item))
    for path in alternatives:
        # [1, "x"] for `bool | list[str]`: the 1 is wrong, not that the list is no bool
        if any(deeper[: len(path)] == path and len(deeper) > len(path) for deeper, _ in details):
            alternatives[path] = []
    for path, item in details:
        kind = item["type"]
        if kind in MISMATCHES:
            expected = list(dict.fromkeys(alternatives.pop(path, [])))
            if expected:
                yield path, f"expected {' or '.join(expected)}, got {format_json(_value(raw, path))}"
        elif kind == "extra_forbidden":
            keys = _keys(model, path[:-1])
            names = (*keys, *host_keys) if len(path) == 1 else keys
            yield path, describe_unknown("key", names, str(path[-1]))
        elif kind == "missing":
            yield path, "missing"
        elif kind in EXPECTED:
            yield path, f"expected {_expected(item)}, got {format_json(_value(raw, path))}"
        else:
            reason = str(item.get("ctx", {}).get("error", item["msg"]))
            yield path, reason if ", got " in reason else f"{reason}, got {format_json(_value(raw, path))}"


def _expected(item: ErrorDetails) -> str:
    return EXPECTED[item["type"]].format(**item.get("ctx", {})).replace("'", '"')


def _path(raw: object, item: ErrorDetails) -> KeyPath:
    """Return the key path of an error in the data: pydantic's location without a union's alternatives."""
    path: KeyPath = ()
    value = raw
    for position, key in enumerate(item["loc"]):
        if (isinstance(value, Mapping) and key in value) or (
            isinstance(value, list) and isinstance(key, int)
        ):
            path, value = (*path, key), _child(value, key)
        elif item["type"] == "missing" and position == len(item["loc"]) - 1:
            path = (*path, key)
    return path


def _child(value: Any, key: str | int) -> object:
    return value[key]


def _value(raw: object, path: KeyPath) -> object:
    for key in path:
        raw = _child(raw, key)
    return raw


def _keys(model: type[BaseModel], path: KeyPath) -> tuple[str, ...]:
    """Return the keys that the model allows at a path below it; empty if there is no model."""
    models: tuple[type[BaseModel], ...] = (model,)
    for key in path:
        if isinstance(key, str):
            fields = [field for at in models for name, field in at.model_fields.items()
                      if (field.alias or name) == key]  # fmt: skip
            models = tuple(inner for field in fields for inner in _models(field.annotation))
    return tuple(field.alias or name for at in models for name, field in at.model_fields.items())


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """Yield the models within a type: those of ``list[Inner] | None`` are ``Inner``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)

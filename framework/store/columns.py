"""Columns of plain data, which any database returns exactly as it was saved."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Json(TypeDecorator[Any]):
    """Plain data as JSON text: keeps the order of keys, and characters that databases refuse.

    The JSON columns of databases sort keys, drop duplicate keys and refuse the character 0.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Return the text to save."""
        return None if value is None else as_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Return the data."""
        return None if value is None else json.loads(value)


def as_json(value: Any) -> str:
    """Return ``value`` as JSON that UTF-8 can encode: half a surrogate pair is escaped."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return text

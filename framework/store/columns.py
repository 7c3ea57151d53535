"""Columns of plain data, which come back from any database exactly as they went in."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class Json(TypeDecorator[Any]):
    """Plain data as JSON text: the order of keys stays, and so do characters that a database refuses.

    Databases have JSON columns of their own, but they sort keys, drop doubles and refuse the character 0.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Return the text that is kept."""
        return None if value is None else as_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Return the data again."""
        return None if value is None else json.loads(value)


def as_json(value: Any) -> str:
    """Return ``value`` as JSON that UTF-8 can hold: half a surrogate pair becomes an escape."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(value)
    return text

"""Values of JSON and YAML files in messages, bounded in length and depth."""

from __future__ import annotations

import json
import reprlib

MAX_CHARS = 60


class _JsonRepr(reprlib.Repr):
    """Bounded representations, with texts, numbers and constants as in JSON."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxdict, self.maxlist = 3, 4, 4
        self.maxother = MAX_CHARS

    def repr_str(self, x: str, level: int) -> str:
        return json.dumps(x[:MAX_CHARS], ensure_ascii=False)

    def repr_bool(self, x: bool, level: int) -> str:
        return json.dumps(x)

    def repr_float(self, x: float, level: int) -> str:
        return json.dumps(x)

    def repr_NoneType(self, x: None, level: int) -> str:  # noqa: N802 (reprlib looks it up by the type's name)
        return json.dumps(x)


_REPR = _JsonRepr()


def format_json(value: object) -> str:
    """Return ``value`` as JSON for a message, shortened if necessary."""
    return shorten(_REPR.repr(value), MAX_CHARS)


def shorten(text: str, max_chars: int) -> str:
    """Return ``text``, cut off to ``max_chars`` characters if necessary."""
    return text if len(text) <= max_chars else f"{text[: max_chars - 3]}..."

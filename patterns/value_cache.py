"""A cache, bounded in size, of what was computed for a token's text."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

MAX_ENTRIES = 100_000
"""A cache with so many entries is emptied, so that memory stays bounded for all texts."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ValueCache(dict[Key, Value]):
    """A dict that computes missing values, and is emptied before it exceeds ``MAX_ENTRIES``."""

    __slots__ = ("_compute",)

    def __init__(self, compute: Callable[[Key], Value]) -> None:
        super().__init__()
        self._compute = compute

    def __missing__(self, key: Key) -> Value:
        value = self._compute(key)
        if len(self) >= MAX_ENTRIES:
            self.clear()
        self[key] = value
        return value

    def all(self, keys: Sequence[Key]) -> list[Value]:
        """Look up many keys; missing values are computed here, which saves calls of ``__missing__``."""
        compute = self._compute
        values = []
        for key in keys:
            if key in self:
                values.append(self[key])
            else:
                value = compute(key)
                if len(self) >= MAX_ENTRIES:
                    self.clear()
                self[key] = value
                values.append(value)
        return values

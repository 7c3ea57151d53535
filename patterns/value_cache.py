"""A memory of what was computed for a token's text, bounded in size."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

MAX_ENTRIES = 100_000
"""When a table has so many entries it begins anew: memory stays bounded, whatever the texts hold."""

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class ValueCache(dict[Key, Value]):
    """A dict that computes missing values, and empties itself before it grows beyond ``MAX_ENTRIES``."""

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
        """Look up many keys."""
        return list(map(self.__getitem__, keys))

"""``Parameters``: named blocks in one flat array, so that one loop updates, averages or clears them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

Array = Any  # a float32 or float64 array


class Parameters:
    """Named blocks of floats in one flat array.

    ``shapes`` gives each block's name and shape, in order; ``dtype`` is float32, or float64 for numeric
    checks of gradients.
    """

    __slots__ = ("_places", "flat", "shapes")

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], dtype: Any = np.float32) -> None:
        self.shapes = dict(shapes)
        self._places: dict[str, slice] = {}
        position = 0
        for name, shape in self.shapes.items():
            size = int(np.prod(shape))
            self._places[name] = slice(position, position + size)
            position += size
        self.flat: Array = np.zeros(position, dtype=dtype)

    def __getitem__(self, name: str) -> Array:
        return self.flat[self._places[name]].reshape(self.shapes[name])

    def __setitem__(self, name: str, value: Array) -> None:
        self[name][...] = value

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)

    def place(self, name: str) -> slice:
        """Return where the block lies in ``flat``."""
        return self._places[name]

    def like(self) -> Parameters:
        """Return zeros of the same names, shapes and dtype."""
        return Parameters(self.shapes, self.flat.dtype)

    def copy(self) -> Parameters:
        """Return an independent copy."""
        other = self.like()
        other.flat[:] = self.flat
        return other

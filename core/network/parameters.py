"""``Parameters``: named blocks in one flat array, so that one loop updates, averages or clears them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

Array = Any  # a float32 or float64 array


class Parameters:
    """Named blocks of floats in one flat array.

    ``shapes`` gives each block's name and shape, in order; ``dtype`` is float32, or float64 for numeric
    checks of gradients. ``version`` counts how often a block, or ``flat``, was handed out to be written to;
    what was computed from the values of one version is good as long as it stands. Whoever keeps an array
    and writes to it later asks for it anew.
    """

    __slots__ = ("_flat", "_places", "shapes", "version")

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], dtype: Any = np.float32) -> None:
        self.shapes = dict(shapes)
        self._places: dict[str, slice] = {}
        position = 0
        for name, shape in self.shapes.items():
            size = int(np.prod(shape))
            self._places[name] = slice(position, position + size)
            position += size
        self._flat: Array = np.zeros(position, dtype=dtype)
        self.version = 0

    @property
    def flat(self) -> Array:
        """All values in one array, to be read or written to."""
        self.version += 1
        return self._flat

    @property
    def dtype(self) -> Any:
        """The type of the values."""
        return self._flat.dtype

    def read(self, name: str) -> Array:
        """Return a block that cannot be written to."""
        block: Array = self._flat[self._places[name]].reshape(self.shapes[name])
        block.flags.writeable = False
        return block

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
        return Parameters(self.shapes, self._flat.dtype)

    def copy(self) -> Parameters:
        """Return an independent copy."""
        other = self.like()
        other.flat[:] = self._flat
        return other

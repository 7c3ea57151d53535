"""``Parameters``: named blocks in one flat array, which one loop can update, average or clear."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from nerture.core.arrays import Floats

if TYPE_CHECKING:
    import numpy.typing as npt


class Parameters:
    """Named blocks of floats in one flat array.

    ``shapes`` gives each block's name and shape, in order; ``dtype`` is float32, or float64 for numeric
    checks of gradients. ``version`` counts how often a block, or ``flat``, was returned for writing; results
    computed from the values stay valid until it changes. So callers that write must not keep an array, but
    get it again for each write.
    """

    __slots__ = ("_flat", "_places", "shapes", "version")

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], dtype: npt.DTypeLike = np.float32) -> None:
        self.shapes = dict(shapes)
        self._places: dict[str, slice] = {}
        position = 0
        for name, shape in self.shapes.items():
            size = int(np.prod(shape))
            self._places[name] = slice(position, position + size)
            position += size
        self._flat: Floats = np.zeros(position, dtype=dtype)
        self.version = 0

    @property
    def flat(self) -> Floats:
        """All values in one writable array."""
        self.version += 1
        return self._flat

    @property
    def dtype(self) -> np.dtype[np.floating[Any]]:
        """The type of the values."""
        return self._flat.dtype

    def read(self, name: str) -> Floats:
        """Return a block, read-only."""
        block: Floats = self._flat[self._places[name]].reshape(self.shapes[name])
        block.flags.writeable = False
        return block

    def __getitem__(self, name: str) -> Floats:
        return self.flat[self._places[name]].reshape(self.shapes[name])

    def __setitem__(self, name: str, value: Floats) -> None:
        self[name][...] = value

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)

    def find_slice(self, name: str) -> slice:
        """Return the slice of ``flat`` that holds the block."""
        return self._places[name]

    def zeros_like(self) -> Parameters:
        """Return parameters of the same names, shapes and dtype, all zero."""
        return Parameters(self.shapes, self._flat.dtype)

    def copy(self) -> Parameters:
        """Return an independent copy."""
        copy = self.zeros_like()
        copy.flat[:] = self._flat
        return copy

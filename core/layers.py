"""The layers of the network: each returns its output and the function that takes the gradient back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from nerture.core import kernels
from nerture.core.parameters import Parameters
from nerture.core.products import product, product_of_transposed, product_with_transposed

Array = Any  # a float32 or float64 array
Backward = Callable[[Array], Array]
Bounds = npt.NDArray[np.int64]


def embed(
    weights: Parameters, names: list[str], rows: list[npt.NDArray[np.int32]], gradient: Parameters | None
) -> tuple[Array, Callable[[Array], None]]:
    """Look up every attribute's hashed rows and put the vectors side by side: (N, F*W).

    ``rows[f]`` int32 (N, choices) are the rows of table ``names[f]``; -1 where the attribute is not to be
    seen.
    """
    width = weights.shapes[names[0]][1]
    out = np.empty((len(rows[0]), width * len(names)), dtype=weights.dtype)
    for index, name in enumerate(names):
        kernels.embed_forward(weights.read(name), rows[index], out[:, index * width : (index + 1) * width])

    def backward(d_out: Array) -> None:
        assert gradient is not None
        for index, name in enumerate(names):
            kernels.embed_backward(d_out[:, index * width : (index + 1) * width], rows[index], gradient[name])

    return out, backward


def maxout_norm(
    weights: Parameters, name: str, inputs: Array, gradient: Parameters | None
) -> tuple[Array, Backward]:
    """Linear, maxout, layer norm: (N, I) to (N, W).

    The blocks are ``name.weight``, ``.bias``, ``.gain`` and ``.shift``.
    """
    weight, gain = weights.read(f"{name}.weight"), weights.read(f"{name}.gain")
    pieces = product(inputs, weight)
    out = np.empty((len(inputs), len(gain)), dtype=inputs.dtype)
    which = np.empty_like(out)
    normed = np.empty_like(out)
    scale = np.empty(len(out), dtype=out.dtype)
    kernels.maxout_norm_forward(
        pieces, weights.read(f"{name}.bias"), gain, weights.read(f"{name}.shift"), out, which, normed, scale
    )

    def backward(d_out: Array) -> Array:
        assert gradient is not None
        d_pieces = pieces  # its values have done their work: the array is used again
        kernels.maxout_norm_backward(
            d_out, which, normed, scale, gain, d_pieces,
            gradient[f"{name}.bias"], gradient[f"{name}.gain"], gradient[f"{name}.shift"],
        )  # fmt: skip
        product_of_transposed(inputs, d_pieces, gradient[f"{name}.weight"])
        return product_with_transposed(d_pieces, weight)

    return out, backward


def window(vectors: Array, bounds: Bounds) -> tuple[Array, Backward]:
    """Put the neighbours beside each token: (N, W) to (N, 3W)."""
    out = np.empty((len(vectors), 3 * vectors.shape[1]), dtype=vectors.dtype)
    kernels.window_forward(vectors, bounds, out)

    def backward(d_out: Array) -> Array:
        d_vectors = np.zeros_like(vectors)
        kernels.window_backward(d_out, bounds, d_vectors)
        return d_vectors

    return out, backward


def linear(
    weights: Parameters, name: str, inputs: Array, gradient: Parameters | None
) -> tuple[Array, Backward]:
    """Linear: (N, I) to (N, O), with the blocks ``name.weight`` and ``name.bias``."""
    weight = weights.read(f"{name}.weight")
    out = product(inputs, weight)
    out += weights.read(f"{name}.bias")

    def backward(d_out: Array) -> Array:
        assert gradient is not None
        product_of_transposed(inputs, d_out, gradient[f"{name}.weight"])
        gradient[f"{name}.bias"][...] += d_out.sum(axis=0)
        return product_with_transposed(d_out, weight)

    return out, backward

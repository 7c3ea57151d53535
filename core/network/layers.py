"""The layers of the network: each returns its output and its backward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.arrays import Floats
from nerture.core.kernels.dense import DENSE
from nerture.core.network import layer_loops as kernels
from nerture.core.network.matmul import add_product, product
from nerture.core.network.padding import windows
from nerture.core.network.parameters import Parameters

if TYPE_CHECKING:
    import numpy.typing as npt

Backward: TypeAlias = Callable[[Floats], Floats]


def embed(
    weights: Parameters, names: list[str], rows: list[npt.NDArray[np.int32]], gradient: Parameters | None
) -> tuple[Floats, Callable[[Floats], None]]:
    """Look up every attribute's hashed rows and concatenate the vectors: (N, F*W).

    ``rows[f]`` int32 (N, choices) are the rows of table ``names[f]``, or -1 if the attribute is hidden.
    """
    width = weights.shapes[names[0]][1]
    out = np.empty((len(rows[0]), width * len(names)), dtype=weights.dtype)
    for index, name in enumerate(names):
        kernels.embed_forward(weights.read(name), rows[index], out[:, index * width : (index + 1) * width])

    def backward(d_out: Floats) -> None:
        assert gradient is not None
        for index, name in enumerate(names):
            kernels.embed_backward(d_out[:, index * width : (index + 1) * width], rows[index], gradient[name])

    return out, backward


def maxout_norm(
    weights: Parameters, name: str, inputs: Floats, gradient: Parameters | None
) -> tuple[Floats, Backward]:
    """Linear, maxout, layer norm: (N, I) to (N, W).

    The blocks are ``name.weight``, ``.bias``, ``.gain`` and ``.shift``.
    """
    weight = weights.read(f"{name}.weight")
    out = np.empty((len(inputs), weights.shapes[f"{name}.gain"][0]), dtype=inputs.dtype)
    pieces_back = _maxout_norm(weights, name, inputs, out, gradient)

    def backward(d_out: Floats) -> Floats:
        d_pieces = np.empty((len(inputs), weight.shape[1]), dtype=inputs.dtype)
        pieces_back(d_out, d_pieces)
        return product(d_pieces, weight.T)

    return out, backward


def convolution(
    weights: Parameters, name: str, framed: Floats, gradient: Parameters | None
) -> tuple[Floats, Callable[[Floats, Floats], None]]:
    """Linear, maxout and layer norm of each row of a frame and its neighbours: (M, W) to (M, W).

    The first and the last row become zero; those between texts are meaningless. ``backward(d_out, d_framed)``
    adds to ``d_framed``; the rows of ``d_out`` around texts are zeros.
    """
    weight = weights.read(f"{name}.weight")
    width, columns = framed.shape[1], weight.shape[1]
    out = np.empty_like(framed)
    out[[0, -1]] = 0
    pieces_back = _maxout_norm(weights, name, windows(framed), out[1:-1], gradient)

    def backward(d_out: Floats, d_framed: Floats) -> None:
        d_pieces = np.empty((len(framed), columns), dtype=framed.dtype)
        d_pieces[[0, -1]] = 0
        pieces_back(d_out[1:-1], d_pieces[1:-1])
        rows = len(framed) - 2
        for shift in range(3):  # a row is the last of its left neighbour's window, and so on
            part = weight[(2 - shift) * width : (3 - shift) * width]
            add_product(d_pieces[shift : shift + rows], part.T, d_framed[1:-1])

    return out, backward


def _maxout_norm(
    weights: Parameters, name: str, inputs: Floats, out: Floats, gradient: Parameters | None
) -> Callable[[Floats, Floats], None]:
    """Fill ``out``; return the function that writes the pieces' gradient (N, P*W), given that of ``out``."""
    weight, gain = weights.read(f"{name}.weight"), weights.read(f"{name}.gain")
    bias, shift = weights.read(f"{name}.bias"), weights.read(f"{name}.shift")
    argmax, normed = np.empty((2, *out.shape), dtype=out.dtype)
    scale = np.empty(len(out), dtype=out.dtype)
    single = out.dtype == np.float32
    if single:
        panels = DENSE.pack(weight, weight.shape[1] // len(gain))
        DENSE.maxout_norm(inputs, panels, bias, gain, shift, out, None, argmax, normed, scale)
    else:
        pieces = product(inputs, weight)
        kernels.maxout_norm_forward(pieces, bias, gain, shift, out, argmax, normed, scale)

    def backward(d_out: Floats, d_pieces: Floats) -> None:
        assert gradient is not None
        back = DENSE.maxout_norm_back if single else kernels.maxout_norm_backward
        back(
            d_out, argmax, normed, scale, gain, d_pieces,
            gradient[f"{name}.bias"], gradient[f"{name}.gain"], gradient[f"{name}.shift"],
        )  # fmt: skip
        if single:
            DENSE.add_chosen_product(inputs, d_pieces, argmax, gradient[f"{name}.weight"])
        else:
            add_product(inputs.T, d_pieces, gradient[f"{name}.weight"])

    return backward


def dropout(values: Floats, rate: float, seed: int) -> None:
    """Zero a share ``rate`` of the values (N, W) and scale the rest; the same call masks a gradient."""
    if values.dtype == np.float32:
        DENSE.dropout(values, rate, seed)
    else:
        kernels.dropout(values, rate, seed)


def linear(
    weights: Parameters, name: str, inputs: Floats, gradient: Parameters | None
) -> tuple[Floats, Backward]:
    """Linear: (N, I) to (N, O), with the blocks ``name.weight`` and ``name.bias``."""
    weight = weights.read(f"{name}.weight")
    out = product(inputs, weight, weights.read(f"{name}.bias"))

    def backward(d_out: Floats) -> Floats:
        assert gradient is not None
        add_product(inputs.T, d_out, gradient[f"{name}.weight"])
        gradient[f"{name}.bias"][...] += d_out.sum(axis=0)
        return product(d_out, weight.T)

    return out, backward

"""Weights in fewer bits: how a block is stored, and what it is when it is read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np

from nerture.core.errors import SettingError
from nerture.core.network.parameters import Parameters

Array = Any  # an array as it is stored: float32, float16 or int8
Precision = Literal["f32", "f16", "int8"]
PRECISIONS: tuple[Precision, ...] = ("f32", "f16", "int8")

SCALE = ".scale"
"""What is appended to the name of an int8 block for that of its scales."""
_STEPS = 127  # of an int8 on either side of zero


def stored_shapes(
    shapes: Mapping[str, tuple[int, ...]], precision: Precision
) -> dict[str, tuple[tuple[int, ...], Any]]:
    """Return name, shape and dtype of every array that holds blocks of these shapes."""
    if precision != "int8":
        dtype = np.float16 if precision == "f16" else np.float32
        return {name: (shape, dtype) for name, shape in shapes.items()}
    stored: dict[str, tuple[tuple[int, ...], Any]] = {}
    for name, shape in shapes.items():
        stored[name] = (shape, np.int8 if _in_steps(shape) else np.float32)
        if _in_steps(shape):
            stored[name + SCALE] = (_scales_of(name, shape), np.float32)
    return stored


def pack(parameters: Parameters, precision: Precision) -> dict[str, Array]:
    """Return the arrays that hold the blocks.

    ``f16`` are IEEE half floats. ``int8`` are whole steps, from -127 to 127; an embedding's row, or a
    weight's output, has a scale of its own, the largest value is 127 of it; vectors stay float32. Raises
    ``SettingError`` when a value is beyond the range of half floats.
    """
    stored: dict[str, Array] = {}
    for name, shape in parameters.shapes.items():
        block = parameters.read(name)
        if precision == "f16":
            if block.size and np.abs(block).max() > np.finfo(np.float16).max:
                raise SettingError(
                    f"precision f16: block {name} holds {np.abs(block).max():.4g}, "
                    f"allowed is up to {np.finfo(np.float16).max:.0f}; int8 has no such limit"
                )
            stored[name] = block.astype(np.float16)
        elif precision == "int8" and _in_steps(shape):
            scales = np.abs(block).max(axis=_axis(name), keepdims=True) / np.float32(_STEPS)
            scales[scales == 0] = 1
            stored[name] = np.clip(np.rint(block / scales), -_STEPS, _STEPS).astype(np.int8)
            stored[name + SCALE] = scales
        else:
            stored[name] = block
    return stored


def unpack(stored: Mapping[str, Array], shapes: Mapping[str, tuple[int, ...]]) -> Parameters:
    """Return the float32 blocks that the arrays hold."""
    parameters = Parameters(shapes)
    for name in shapes:
        block = stored[name].astype(np.float32)
        parameters[name] = block * stored[name + SCALE] if name + SCALE in stored else block
    return parameters


def rounded(parameters: Parameters, precision: Precision) -> Parameters:
    """Return what is left of the blocks after they are stored and read."""
    return unpack(pack(parameters, precision), parameters.shapes)


def _in_steps(shape: tuple[int, ...]) -> bool:
    return len(shape) == 2


def _axis(name: str) -> int:
    """Return the axis along which values share a scale: an embedding's row, a weight's inputs."""
    return 1 if name.startswith("embed.") else 0


def _scales_of(name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[0], 1) if _axis(name) else (1, shape[1])

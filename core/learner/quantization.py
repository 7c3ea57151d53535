"""Weights in fewer bits: how a block is stored, and the values it has when it is read again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from nerture.core.errors import SettingError
from nerture.core.network.parameters import Parameters

if TYPE_CHECKING:
    import numpy.typing as npt

StoredArray: TypeAlias = "npt.NDArray[np.floating[Any]] | npt.NDArray[np.int8]"
"""An array on disk: float32, float16 or int8."""

Precision = Literal["f32", "f16", "int8"]
PRECISIONS: tuple[Precision, ...] = ("f32", "f16", "int8")

SCALE = ".scale"
"""Suffix that makes the name of an int8 block that of its scales."""
_QUANTIZED_MAX = 127  # the quantized form of the largest magnitude


def storage_shapes(
    shapes: Mapping[str, tuple[int, ...]], precision: Precision
) -> dict[str, tuple[tuple[int, ...], Any]]:
    """Return name, shape and dtype of every array that holds blocks of these shapes."""
    if precision != "int8":
        dtype = np.float16 if precision == "f16" else np.float32
        return {name: (shape, dtype) for name, shape in shapes.items()}
    stored: dict[str, tuple[tuple[int, ...], Any]] = {}
    for name, shape in shapes.items():
        stored[name] = (shape, np.int8 if _is_quantized(shape) else np.float32)
        if _is_quantized(shape):
            stored[name + SCALE] = (_scale_shape(name, shape), np.float32)
    return stored


def pack(parameters: Parameters, precision: Precision) -> dict[str, StoredArray]:
    """Return the arrays that store the blocks.

    ``f16`` stores IEEE half floats. ``int8`` stores whole numbers from -127 to 127; each row of an embedding
    and each output of a weight has its own scale, by which its largest magnitude becomes 127; vectors stay
    float32. Raises ``SettingError`` if a value is beyond the range of half floats.
    """
    stored: dict[str, StoredArray] = {}
    for name, shape in parameters.shapes.items():
        block = parameters.read(name)
        if precision == "f16":
            if block.size and np.abs(block).max() > np.finfo(np.float16).max:
                raise SettingError(
                    f"precision f16: expected values up to {np.finfo(np.float16).max:.0f}, "
                    f"got {np.abs(block).max():.4g} in block {name}; int8 has no such limit"
                )
            stored[name] = block.astype(np.float16)
        elif precision == "int8" and _is_quantized(shape):
            largest = np.abs(block).max(axis=_find_scale_axis(name), keepdims=True)
            scales = largest / np.float32(_QUANTIZED_MAX)
            scales[scales == 0] = 1
            stored[name] = np.clip(np.rint(block / scales), -_QUANTIZED_MAX, _QUANTIZED_MAX).astype(np.int8)
            stored[name + SCALE] = scales
        else:
            stored[name] = block
    return stored


def unpack(stored: Mapping[str, StoredArray], shapes: Mapping[str, tuple[int, ...]]) -> Parameters:
    """Return the float32 blocks that the arrays store."""
    parameters = Parameters(shapes)
    for name in shapes:
        block = stored[name].astype(np.float32)
        parameters[name] = block * stored[name + SCALE] if name + SCALE in stored else block
    return parameters


def round_weights(parameters: Parameters, precision: Precision) -> Parameters:
    """Return the blocks as they are after storing and reading them."""
    return unpack(pack(parameters, precision), parameters.shapes)


def _is_quantized(shape: tuple[int, ...]) -> bool:
    return len(shape) == 2


def _find_scale_axis(name: str) -> int:
    """Return the axis along which values share a scale: an embedding's columns, a weight's inputs."""
    return 1 if name.startswith("embed.") else 0


def _scale_shape(name: str, shape: tuple[int, ...]) -> tuple[int, ...]:
    return (shape[0], 1) if _find_scale_axis(name) else (1, shape[1])

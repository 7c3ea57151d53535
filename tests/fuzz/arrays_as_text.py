r"""Safetensors files written as text, which a fuzzer can change without breaking the format.

The first line is the file's metadata, the value of its one key. Each further line is a block: its name, its
type and its numbers, separated by spaces and taken modulo the type's range::

    {"kind": "nerture patterns", ...}
    label_of i4 0 0 1
    ids text ["1", "2"]

A block of type ``text`` has the bytes of the rest of the line. Invalid lines are skipped.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load, save

KEY = "nerture"
TYPES = {"i4": np.int32, "u8": np.uint64, "u1": np.uint8, "i8": np.int64}
_LONGEST_NUMBER = 25


def file_of(text: bytes) -> bytes:
    """Return the safetensors file that ``text`` describes."""
    metadata, *lines = text.split(b"\n")
    blocks: dict[str, npt.NDArray[Any]] = {}
    for line in lines:
        name, _, rest = line.partition(b" ")
        kind, _, content = rest.partition(b" ")
        key = name.decode("utf-8", "replace")
        dtype = TYPES.get(kind.decode("utf-8", "replace"))
        if kind == b"text":
            blocks[key] = np.frombuffer(content, np.uint8)
        elif dtype is not None:
            blocks[key] = _numbers(content, dtype)
    return save(blocks, {KEY: metadata.decode("utf-8", "replace")})


def text_of(file: bytes, texts: tuple[str, ...]) -> bytes:
    """Return the text that describes a file; blocks whose names end in one of ``texts`` are of that type."""
    lines = [metadata_of(file)[KEY].encode()]
    codes = {np.dtype(dtype): code for code, dtype in TYPES.items()}
    for name, array in sorted(load(file).items()):
        if name.endswith(texts):
            lines.append(f"{name} text ".encode() + array.tobytes())
        else:
            numbers = " ".join(map(str, array.ravel().tolist()))
            lines.append(f"{name} {codes[array.dtype]} {numbers}".encode())
    return b"\n".join(lines)


def metadata_of(file: bytes) -> Mapping[str, str]:
    """Return a safetensors file's metadata."""
    (length,) = struct.unpack_from("<Q", file)
    found: Mapping[str, str] = json.loads(file[8 : 8 + length])["__metadata__"]
    return found


def _numbers(content: bytes, dtype: Any) -> npt.NDArray[Any]:
    modulus = 1 << 8 * np.dtype(dtype).itemsize
    values = []
    for word in content.split():
        try:
            values.append(int(word[:_LONGEST_NUMBER]) % modulus)
        except ValueError:
            continue
    return np.array(values, np.uint64).astype(np.dtype(f"u{np.dtype(dtype).itemsize}")).view(dtype)

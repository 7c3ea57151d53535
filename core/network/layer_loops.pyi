from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]  # float32 or float64, the same for all arguments of a call
Rows = npt.NDArray[np.int32]
Bounds = npt.NDArray[np.int64]

def embed_forward(table: Array, rows: Rows, out: Array) -> None: ...
def embed_backward(d_out: Array, rows: Rows, d_table: Array) -> None: ...
def maxout_norm_forward(
    pieces: Array,
    bias: Array,
    gain: Array,
    shift: Array,
    out: Array,
    which: Array,
    normed: Array,
    scale: Array,
) -> None: ...
def maxout_norm_backward(
    d_out: Array,
    which: Array,
    normed: Array,
    scale: Array,
    gain: Array,
    d_pieces: Array,
    d_bias: Array,
    d_gain: Array,
    d_shift: Array,
) -> None: ...
def dropout(values: Array, rate: float, seed: int) -> None: ...
def add_rows(rows: Array, which: Bounds, out: Array) -> None: ...
def closed_hidden_forward(slots: Array, absent: Array, bounds: Bounds, out: Array, which: Array) -> None: ...
def closed_hidden_backward(
    d_out: Array, which: Array, bounds: Bounds, d_slots: Array, d_absent: Array
) -> None: ...
def open_hidden_forward(slots: Array, rows: Bounds, lengths: int, out: Array, which: Array) -> None: ...
def open_hidden_backward(d_out: Array, which: Array, rows: Bounds, lengths: int, d_slots: Array) -> None: ...

import numpy as np
import numpy.typing as npt

from nerture.core.arrays import Floats

_Rows = npt.NDArray[np.int32]
_Bounds = npt.NDArray[np.int64]

def embed_forward(table: Floats, rows: _Rows, out: Floats) -> None: ...
def embed_backward(d_out: Floats, rows: _Rows, d_table: Floats) -> None: ...
def maxout_norm_forward(
    pieces: Floats,
    bias: Floats,
    gain: Floats,
    shift: Floats,
    out: Floats,
    argmax: Floats,
    normed: Floats,
    scale: Floats,
) -> None: ...
def maxout_norm_backward(
    d_out: Floats,
    argmax: Floats,
    normed: Floats,
    scale: Floats,
    gain: Floats,
    d_pieces: Floats,
    d_bias: Floats,
    d_gain: Floats,
    d_shift: Floats,
) -> None: ...
def dropout(values: Floats, rate: float, seed: int) -> None: ...
def add_rows(rows: Floats, index: _Bounds, out: Floats) -> None: ...
def closed_hidden_forward(
    slots: Floats, absent: Floats, bounds: _Bounds, out: Floats, argmax: Floats
) -> None: ...
def closed_hidden_backward(
    d_out: Floats, argmax: Floats, bounds: _Bounds, d_slots: Floats, d_absent: Floats
) -> None: ...
def open_hidden_forward(slots: Floats, rows: _Bounds, lengths: int, out: Floats, argmax: Floats) -> None: ...
def open_hidden_backward(
    d_out: Floats, argmax: Floats, rows: _Bounds, lengths: int, d_slots: Floats
) -> None: ...

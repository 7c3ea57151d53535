"""``Dense``: the float32 kernels of the network, for the best instruction set of this machine.

A row of a result depends only on its own row of the input, neither on its neighbours or their number nor on
other threads. So a text has the same scores alone and in a batch, bit for bit.

Shapes by letter: N rows, I inputs, O outputs, W width, P maxout pieces. Rows of an input may overlap: a
window of three tokens is a view into the tokens' vectors.
"""

from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport free
from posix.stdlib cimport posix_memalign

from nerture.core.kernels.hashing cimport DROPPED, make_key, NOISE_VALUES
from nerture.core.kernels.simd cimport find_isa, Matrix, MaxoutRows
from nerture.core.kernels.simd_shapes cimport check, check_pieces, check_rows, LINE, as_matrix

import os

import numpy as np

from nerture.core.errors import SettingError

INSTRUCTION_SETS = ("avx512vnni", "avx512", "avx2", "neon", "portable")
"""Names of the instruction sets that have kernels, best first."""

cdef class PackedWeights:
    """A right-hand side (I, O), copied once into panels, in the order in which the kernels read it."""

    def __dealloc__(self):
        free(self.data)


cdef class Dense:
    """The kernels of one instruction set: ``name`` is one of INSTRUCTION_SETS, or empty for the best.

    Raises ``SettingError`` for a name that is unknown or that this machine does not support.
    """

    def __init__(self, str name=""):
        encoded = name.encode()
        self.isa = find_isa(encoded)
        if self.isa == NULL:
            supported = [known for known in INSTRUCTION_SETS if find_isa(known.encode()) != NULL]
            raise SettingError(
                f"NERTURE_SIMD: expected an instruction set of this machine, one of {', '.join(supported)}, "
                f"got {name!r}"
            )

    @property
    def name(self):
        """The name of the instruction set."""
        return self.isa.name.decode()

    cpdef PackedWeights pack(self, const float[:, :] right, Py_ssize_t pieces=0):
        """Pack a right-hand side (I, O) for ``product``; with ``pieces``, (I, P*W) for ``maxout_norm``."""
        cdef PackedWeights result = PackedWeights.__new__(PackedWeights)
        cdef Matrix matrix = as_matrix(right)
        cdef size_t size
        cdef Py_ssize_t depth = right.shape[0], columns = right.shape[1]
        cdef void* data = NULL
        check_pieces(pieces, columns)
        size = self.isa.panel_size(depth, columns, pieces)
        if posix_memalign(&data, LINE, max(size, <size_t>1) * sizeof(float)):
            raise MemoryError(f"no memory for {size} floats")
        result.data = <float*>data
        result.depth = depth
        result.columns = columns
        result.pieces = pieces
        with nogil:
            self.isa.pack(matrix, depth, columns, pieces, result.data)
        return result

    def product(self, const float[:, :] left, PackedWeights right, float[:, :] out,
                const float[::1] bias=None, bint add=False):
        """Write (N, I) times (I, O), plus ``bias`` (O), to ``out`` (N, O); with ``add``, add it to ``out``.

        ``left`` may have any strides; the rows of ``out`` are contiguous.
        """
        cdef Matrix matrix = as_matrix(left)
        cdef size_t rows = left.shape[0]
        cdef ptrdiff_t step = out.strides[0] // <Py_ssize_t>sizeof(float)
        cdef const float* offset = NULL
        check("inputs", left.shape[1], right.depth)
        check("rows of the result", out.shape[0], left.shape[0])
        check("outputs", out.shape[1], right.columns)
        check("pieces", right.pieces, 0)
        if bias is not None:
            check("bias", bias.shape[0], right.columns)
            offset = &bias[0]
        if rows == 0 or right.columns == 0:
            return
        check("stride of the result's columns", out.strides[1], sizeof(float))
        with nogil:
            self.isa.product(matrix, rows, right.depth, right.data, right.columns, offset, add,
                             &out[0, 0], step)

    def multiply(self, const float[:, :] left, const float[:, :] right):
        """Return (N, I) times (I, O), float32."""
        out = np.empty((left.shape[0], right.shape[1]), dtype=np.float32)
        self.product(left, self.pack(right), out)
        return out

    def maxout_norm(self, const float[:, :] left, PackedWeights right, const float[::1] bias,
                    const float[::1] gain, const float[::1] shift, float[:, ::1] out,
                    const float[:, ::1] residual=None, float[:, ::1] argmax=None,
                    float[:, ::1] normed=None, float[::1] scale=None):
        """Write the layer norm of the maxout of (N, I) times (I, P*W) plus ``bias`` to ``out`` (N, W).

        Column ``p * W + w`` is piece p of output w; the first of equal pieces wins. ``residual`` (N, W) is
        added. ``argmax`` (N, W; the winning piece), ``normed`` (N, W) and ``scale`` (N), all or none, are
        filled for the backward pass. Goodfellow et al. 2013 (maxout); Ba et al. 2016 (layer norm).
        """
        cdef Matrix matrix = as_matrix(left)
        cdef MaxoutRows to
        cdef size_t rows = left.shape[0]
        cdef Py_ssize_t width = gain.shape[0]
        check("inputs", left.shape[1], right.depth)
        check("columns", width * right.pieces, right.columns)
        check("bias", bias.shape[0], right.columns)
        check("shift", shift.shape[0], width)
        check_rows("out", out, left.shape[0], width)
        to.residual = to.argmax = to.normed = to.scale = NULL
        to.out_step = to.residual_step = width
        if residual is not None:
            check_rows("residual", residual, left.shape[0], width)
        if argmax is not None:
            check_rows("argmax", argmax, left.shape[0], width)
            check_rows("normed", normed, left.shape[0], width)
            check("scales", scale.shape[0], left.shape[0])
        if rows == 0:
            return
        to.out = &out[0, 0]
        if residual is not None:
            to.residual = &residual[0, 0]
        if argmax is not None:
            to.argmax = &argmax[0, 0]
            to.normed = &normed[0, 0]
            to.scale = &scale[0]
        with nogil:
            self.isa.maxout_norm(matrix, rows, right.depth, right.data, width, right.pieces, &bias[0],
                                 &gain[0], &shift[0], to)

    def maxout_norm_back(self, const float[:, ::1] d_out, const float[:, ::1] argmax,
                         const float[:, ::1] normed, const float[::1] scale, const float[::1] gain,
                         float[:, ::1] d_pieces, float[::1] d_bias, float[::1] d_gain, float[::1] d_shift):
        """Write the gradient of the pieces (N, P*W); add to the gradients of bias, gain and shift."""
        cdef Py_ssize_t rows = d_out.shape[0]
        cdef Py_ssize_t width = gain.shape[0]
        cdef Py_ssize_t pieces = d_pieces.shape[1] // width
        check_rows("d_out", d_out, rows, width)
        check_rows("argmax", argmax, rows, width)
        check_rows("normed", normed, rows, width)
        check_rows("d_pieces", d_pieces, rows, pieces * width)
        check("scales", scale.shape[0], rows)
        check("bias", d_bias.shape[0], pieces * width)
        check("gain", d_gain.shape[0], width)
        check("shift", d_shift.shape[0], width)
        if rows == 0:
            return
        with nogil:
            self.isa.maxout_norm_back(&d_out[0, 0], rows, width, pieces, &argmax[0, 0], &normed[0, 0],
                                      &scale[0], &gain[0], &d_pieces[0, 0], &d_bias[0], &d_gain[0],
                                      &d_shift[0])

    def add_chosen_product(self, const float[:, :] left, const float[:, ::1] right,
                           const float[:, ::1] argmax, float[:, ::1] out):
        """Add the transpose of (N, I) times (N, P*W) to ``out`` (I, P*W).

        ``right`` is a gradient of pieces: for each output, a row is nonzero only in the piece that ``argmax``
        (N, W) names. The same bytes as ``product``, but faster.
        """
        cdef Matrix matrix = as_matrix(left)
        cdef Py_ssize_t rows = right.shape[0], columns = right.shape[1], width = argmax.shape[1]
        cdef Py_ssize_t depth = left.shape[1]
        cdef void* workspace = NULL
        check("rows of left", left.shape[0], rows)
        check_rows("argmax", argmax, rows, width)
        check_rows("out", out, depth, columns)
        if rows == 0 or columns == 0 or depth == 0:
            return
        check("columns of right that are not whole pieces", columns % width, 0)
        check("stride of the columns of left", left.strides[1], sizeof(float))
        if posix_memalign(&workspace, LINE, self.isa.chosen_workspace_size(depth, columns) * sizeof(float)):
            raise MemoryError(f"no memory for the product of {depth} by {columns}")
        with nogil:
            self.isa.chosen_product(matrix, rows, depth, &right[0, 0], &argmax[0, 0], width,
                                    columns // width, <float*>workspace, &out[0, 0])
            free(workspace)

    def open_hidden(self, const float[:, ::1] slots, const int64_t[::1] rows, Py_ssize_t lengths,
                    float[:, ::1] out, float[:, ::1] argmax):
        """Write the hidden layer (N, H) of the open states; see ``layer_loops.open_hidden_forward``."""
        cdef Py_ssize_t index, token, start
        cdef Py_ssize_t hidden = out.shape[1]
        cdef Py_ssize_t size = 2 * hidden
        check_rows("out", out, rows.shape[0], hidden)
        check_rows("argmax", argmax, rows.shape[0], hidden)
        check("columns of slots", slots.shape[1], 3 * size)
        with nogil:
            for index in range(rows.shape[0]):
                token = rows[index] // lengths
                start = token - rows[index] % lengths - 1
                self.isa.sum_maxout(&slots[token, 0], &slots[start, size], &slots[token - 1, 2 * size],
                                    hidden, &out[index, 0], &argmax[index, 0])

    def dropout(self, float[:, ::1] values, double rate, uint64_t seed):
        """Zero a share ``rate`` of the values in place and scale the rest; the same call masks a gradient.

        Whether value (n, w) is dropped depends only on a hash of seed and position (``layer_loops.dropout``
        drops the same), so that no mask has to be kept for the backward pass.
        """
        cdef uint64_t key = make_key(seed, DROPPED)
        cdef uint32_t threshold = <uint32_t>(rate * NOISE_VALUES)
        cdef size_t count = values.shape[0] * values.shape[1]
        if threshold == 0 or count == 0:
            return
        with nogil:
            self.isa.dropout(&values[0, 0], count, <uint32_t>key, <uint32_t>(key >> 32), threshold,
                             <float>(<double>NOISE_VALUES / (NOISE_VALUES - threshold)))


DENSE = Dense(os.environ.get("NERTURE_SIMD", ""))
"""The kernels in use: of the best instruction set, or of the one that NERTURE_SIMD (environment) names."""

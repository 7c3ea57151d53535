# distutils: language = c++
# distutils: include_dirs = core/kernels
# distutils: depends = core/kernels/simd.h
"""``Int8Dense``: products of quantized rows and weights, for the best instruction set of this machine.

Rows and weights are quantized to whole numbers from -127 to 127, with one scale for each row and for each
output's weights: the largest magnitude becomes 127. Integer sums are exact, so every instruction set computes
the same result. A row of a result depends only on its own rows of the input.

Shapes by letter: N rows, W width of a row, R rows side by side (a window), O outputs, P maxout pieces, V
width of a maxout layer.
"""

from libc.stdint cimport int32_t, uint64_t
from libc.stdlib cimport free, malloc
from posix.stdlib cimport posix_memalign

from nerture.core.kernels.dense cimport Dense
from nerture.core.kernels.simd cimport Matrix, MaxoutRows, QuantizedInputs, WindowShape
from nerture.core.kernels.simd_shapes cimport check, check_pieces, check_rows, LINE, as_matrix

import numpy as np

from nerture.core.kernels.dense import DENSE

cdef class QuantizedWeights:
    """A right-hand side (R*W, O), quantized and packed once, in the order in which the kernels read it."""

    def __dealloc__(self):
        free(self.data)


cdef class QuantizedRows:
    """Memory for quantized rows (N, W) and their scales (N)."""

    def __dealloc__(self):
        free(self._values)
        free(self._scales)

    cdef void fill(self, const float* rows, size_t count) noexcept nogil:
        """Quantize ``count`` contiguous rows; there must be memory for as many."""
        self._kernels.quantize(rows, self._width, count, self._width, self._values, self._scales)

    cdef QuantizedInputs windows(self, WindowShape shape) noexcept nogil:
        """Return the rows as the inputs of a product of this shape."""
        cdef QuantizedInputs result
        result.values, result.scales, result.shape = self._values, self._scales, shape
        return result


cdef class Int8Dense:
    """The int8 kernels of one instruction set, by default the one in use."""

    def __init__(self, Dense dense=DENSE):
        self.kernels = dense.isa.int8

    cpdef QuantizedWeights pack(self, const float[:, :] right, Py_ssize_t parts, Py_ssize_t pieces=0):
        """Quantize and pack a right-hand side (R*W, O) for ``product``.

        With ``pieces``, it is one (R*W, P*V) for ``maxout_norm``. ``parts`` is R.
        """
        cdef QuantizedWeights result = QuantizedWeights.__new__(QuantizedWeights)
        cdef Matrix matrix = as_matrix(right)
        cdef Py_ssize_t columns = right.shape[1]
        cdef size_t size
        cdef void* data = NULL
        if parts < 1 or right.shape[0] % parts:
            raise ValueError(
                f"parts: expected a divisor of the number of inputs, {right.shape[0]}, got {parts}"
            )
        check_pieces(pieces, columns)
        result.shape.width, result.shape.parts = right.shape[0] // parts, parts
        result.columns, result.pieces = columns, pieces
        size = self.kernels.panel_size(result.shape, columns, pieces)
        if posix_memalign(&data, LINE, max(size, <size_t>1) * sizeof(int32_t)):
            raise MemoryError(f"no memory for {size} integers")
        result.data = <int32_t*>data
        with nogil:
            self.kernels.pack(matrix, result.shape, columns, pieces, result.data)
        return result

    cdef QuantizedRows allocate_rows(self, size_t rows, size_t width):
        """Return memory for quantized rows, which ``fill`` initialises."""
        cdef QuantizedRows result = QuantizedRows.__new__(QuantizedRows)
        result._kernels, result._width = self.kernels, width
        result._values = malloc(max(rows * self.kernels.row_size(width), <size_t>1))
        result._scales = <float*>malloc(max(rows, <size_t>1) * sizeof(float))
        if result._values == NULL or result._scales == NULL:
            raise MemoryError(f"no memory for {rows} rows of {width} quantized values")
        return result

    def product(self, const float[:, ::1] rows, QuantizedWeights right, float[:, ::1] out,
                const float[::1] bias=None):
        """Write the windows of ``rows`` (N+R-1, W) times (R*W, O), plus ``bias`` (O), to ``out`` (N, O)."""
        cdef QuantizedRows inputs = self._allocate_inputs(rows, right, out.shape[0])
        cdef const float* offset = NULL
        cdef size_t count = out.shape[0]
        check("pieces", right.pieces, 0)
        check("outputs", out.shape[1], right.columns)
        if bias is not None:
            check("bias", bias.shape[0], right.columns)
            offset = &bias[0]
        if count == 0 or right.columns == 0:
            return
        with nogil:
            inputs.fill(&rows[0, 0], rows.shape[0])
            self.kernels.product(inputs.windows(right.shape), count, right.data, right.columns, offset,
                                 &out[0, 0], right.columns)

    def maxout_norm(self, const float[:, ::1] rows, QuantizedWeights right, const float[::1] bias,
                    const float[::1] gain, const float[::1] shift, float[:, ::1] out,
                    const float[:, ::1] residual=None):
        """Write the layer norm of the maxout of windows of ``rows`` times (R*W, P*V) to ``out`` (N, V).

        As in ``Dense.maxout_norm``, column ``p * V + v`` is piece p of output v; ``residual`` (N, V) is
        added.
        """
        cdef QuantizedRows inputs = self._allocate_inputs(rows, right, out.shape[0])
        cdef MaxoutRows to
        cdef size_t count = out.shape[0], width = gain.shape[0]
        check("columns", width * right.pieces, right.columns)
        check("bias", bias.shape[0], right.columns)
        check("shift", shift.shape[0], width)
        check("outputs", out.shape[1], width)
        to.residual = to.argmax = to.normed = to.scale = NULL
        to.out_step = to.residual_step = width
        if residual is not None:
            check_rows("residual", residual, count, width)
        if count == 0:
            return
        to.out = &out[0, 0]
        if residual is not None:
            to.residual = &residual[0, 0]
        with nogil:
            inputs.fill(&rows[0, 0], rows.shape[0])
            self.kernels.maxout_norm(inputs.windows(right.shape), count, right.data, width, right.pieces,
                                     &bias[0], &gain[0], &shift[0], to)

    def cached_maxout_norm(self, const float[:, ::1] rows, const float[::1] bias, const float[::1] gain,
                           const float[::1] shift, float[:, ::1] out):
        """Write the layer norm of the maxout of a text's windows, from cached products, to ``out`` (N, V).

        ``rows`` (N, V + 3*P*V) hold the tokens' vectors, which are added to the result, and their products as
        the first, the middle and the last token of a window; each of the three is quantized to -32767 ..
        32767 with its own scale. The text is padded with zeros. ``bias`` (P*V), ``gain`` and ``shift`` (V).
        """
        cdef size_t count = rows.shape[0], width = gain.shape[0], pieces, size, row
        check_pieces(bias.shape[0] // width, bias.shape[0])
        pieces = bias.shape[0] // width
        check("rows", rows.shape[1], width + 3 * bias.shape[0])
        check("shift", shift.shape[0], width)
        check_rows("out", out, count, width)
        if count == 0:
            return
        size = self.kernels.cached_size(width, pieces)
        cdef float[:, ::1] framed = np.zeros((count + 2, width), dtype=np.float32)
        cdef char[:, ::1] cached = np.empty((count, size), dtype=np.int8)
        cdef uint64_t[::1] addresses = np.zeros(count + 2, dtype=np.uint64)
        for row in range(count):
            addresses[row + 1] = <uint64_t>&cached[row, 0]
        with nogil:
            self.kernels.pack_cached(&rows[0, 0], count, width, pieces, &cached[0, 0])
            self.kernels.cached_maxout_norm(<const void**>&addresses[0], count + 2, width, pieces, &bias[0],
                                            &gain[0], &shift[0], &framed[0, 0])
        out[:] = framed[1:count + 1]

    cdef QuantizedRows _allocate_inputs(
        self, const float[:, ::1] rows, QuantizedWeights right, Py_ssize_t count
    ):
        check("inputs", rows.shape[1], right.shape.width)
        check("rows", rows.shape[0], count + right.shape.parts - 1)
        return self.allocate_rows(rows.shape[0], rows.shape[1])

"""``QuantizedWeights``, ``QuantizedRows`` and ``Int8Dense`` for other compiled modules."""

from libc.stdint cimport int32_t

from nerture.core.kernels.dense cimport Dense
from nerture.core.kernels.simd cimport Int8, QuantizedInputs, WindowShape

cdef class QuantizedWeights:
    cdef int32_t* data                # the panels with their scales, aligned to a cache line; owned
    cdef WindowShape shape            # R and W of the inputs
    cdef readonly Py_ssize_t columns  # outputs, or pieces times outputs
    cdef readonly Py_ssize_t pieces   # maxout pieces; 0: packed for ``product``

cdef class QuantizedRows:
    cdef const Int8* _kernels  # those that quantize the rows
    cdef void* _values         # the quantized rows; owned
    cdef float* _scales        # one for each row; owned
    cdef size_t _width         # values of a row
    cdef void fill(self, const float* rows, size_t count) noexcept nogil
    cdef QuantizedInputs windows(self, WindowShape shape) noexcept nogil

cdef class Int8Dense:
    cdef const Int8* kernels  # the int8 kernels of the instruction set
    cpdef QuantizedWeights pack(self, const float[:, :] right, Py_ssize_t parts, Py_ssize_t pieces=*)
    cdef QuantizedRows allocate_rows(self, size_t rows, size_t width)
    cdef QuantizedRows _allocate_inputs(
        self, const float[:, ::1] rows, QuantizedWeights right, Py_ssize_t count
    )

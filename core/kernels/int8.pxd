"""``StepPanels``, ``Steps`` and ``Int8Dense`` for other compiled modules."""

from libc.stdint cimport int32_t

from nerture.core.kernels.dense cimport Dense
from nerture.core.kernels.simd cimport Int8, StepRows, StepShape

cdef class StepPanels:
    cdef int32_t* data
    cdef StepShape shape
    cdef readonly Py_ssize_t columns
    cdef readonly Py_ssize_t pieces

cdef class Steps:
    cdef const Int8* _kernels
    cdef void* _values
    cdef float* _scales
    cdef size_t _width
    cdef void fill(self, const float* rows, size_t count) noexcept nogil
    cdef StepRows windows(self, StepShape shape) noexcept nogil

cdef class Int8Dense:
    cdef const Int8* kernels
    cpdef StepPanels panels(self, const float[:, :] right, Py_ssize_t parts, Py_ssize_t pieces=*)
    cdef Steps steps(self, size_t rows, size_t width)
    cdef Steps _inputs(self, const float[:, ::1] rows, StepPanels right, Py_ssize_t count)

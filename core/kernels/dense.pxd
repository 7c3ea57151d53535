"""``Dense`` and ``Panels`` for other compiled modules."""

from nerture.core.kernels.simd cimport Level

cdef class Panels:
    cdef float* data
    cdef readonly Py_ssize_t depth
    cdef readonly Py_ssize_t columns
    cdef readonly Py_ssize_t pieces

cdef class Dense:
    cdef const Level* level
    cpdef Panels panels(self, const float[:, :] right, Py_ssize_t pieces=*)

"""``Dense`` and ``PackedWeights`` for other compiled modules."""

from nerture.core.kernels.simd cimport Isa

cdef class PackedWeights:
    cdef float* data                  # the panels, aligned to a cache line; owned
    cdef readonly Py_ssize_t depth    # inputs: rows of the right-hand side
    cdef readonly Py_ssize_t columns  # outputs, or pieces times outputs
    cdef readonly Py_ssize_t pieces   # maxout pieces; 0: packed for ``product``

cdef class Dense:
    cdef const Isa* isa  # the kernels of the instruction set
    cpdef PackedWeights pack(self, const float[:, :] right, Py_ssize_t pieces=*)

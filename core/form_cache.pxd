"""``FormCache`` for other compiled modules."""

from libc.stdint cimport int32_t, uint64_t

cdef class FormCache:
    cdef readonly Py_ssize_t capacity
    cdef readonly Py_ssize_t columns
    cdef readonly Py_ssize_t width
    cdef void* _lock
    cdef int32_t* _index
    cdef uint64_t* _keys
    cdef float** _chunks
    cdef Py_ssize_t _count
    cdef Py_ssize_t _refused
    cdef uint64_t _mask

    cdef void acquire(self) noexcept nogil
    cdef void release(self) noexcept nogil
    cdef const float* find(self, const uint64_t* key) noexcept nogil
    cdef bint keep(self, const uint64_t* key, const float* vector) noexcept nogil
    cdef Py_ssize_t _place(self, const uint64_t* key) noexcept nogil

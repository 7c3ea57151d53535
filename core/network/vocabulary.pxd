"""``Vocabulary`` for other compiled modules."""

from libc.stdint cimport uint8_t, uint64_t

cdef enum:
    UNKNOWN = 1  # what stands for values that were never met

cdef class Vocabulary:
    cdef readonly object values
    cdef readonly object counts
    cdef uint64_t[::1] _places
    cdef uint8_t[::1] _counts
    cdef uint64_t _mask

    cdef uint8_t count(self, uint64_t value) noexcept nogil

"""``Vocabulary`` for other compiled modules."""

from libc.stdint cimport uint8_t, uint64_t

cdef enum:
    UNKNOWN = 1  # stands for every value that is not in the vocabulary

cdef class Vocabulary:
    cdef readonly object values   # uint64 (V), ascending
    cdef readonly object counts   # uint8 (V)
    cdef uint64_t[::1] _slots     # hash table: the value of each slot; 0: free
    cdef uint8_t[::1] _counts     # the count of each slot; 0: free
    cdef uint64_t _mask           # number of slots (a power of two) - 1

    cdef uint8_t count(self, uint64_t value) noexcept nogil

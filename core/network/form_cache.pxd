"""``FormCache`` for other compiled modules."""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t

cdef struct Entry:
    uint64_t latest  # the latest batch that found it
    uint32_t mixed  # of its key
    uint32_t uses  # times that it was found, halved now and then

cdef class FormCache:
    cdef readonly Py_ssize_t capacity
    cdef readonly Py_ssize_t columns
    cdef readonly Py_ssize_t size
    cdef void* _lock
    cdef int32_t* _index
    cdef uint64_t* _keys
    cdef Entry* _entries
    cdef char* _values
    cdef uint8_t* _asked
    cdef uint64_t* _batches
    cdef Py_ssize_t _count, _hand, _asked_for, _crowd
    cdef uint64_t _mask, _latest

    cdef uint64_t enter(self) noexcept nogil
    cdef void leave(self, uint64_t batch) noexcept nogil
    cdef void acquire(self) noexcept nogil
    cdef void release(self) noexcept nogil
    cdef const void* find(self, const uint64_t* key, uint64_t batch) noexcept nogil
    cdef void keep(self, const uint64_t* key, const void* value, uint64_t batch) noexcept nogil
    cdef uint32_t _mixed(self, const uint64_t* key) noexcept nogil
    cdef uint64_t _place(self, const uint64_t* key, uint32_t mixed) noexcept nogil
    cdef Py_ssize_t _least_used(self) noexcept nogil
    cdef void _remove(self, Py_ssize_t entry) noexcept nogil
    cdef void _age(self) noexcept nogil

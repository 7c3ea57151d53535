"""``FormCache`` for other compiled modules."""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t

cdef struct Entry:
    uint64_t last_batch  # number of the latest batch that found it
    uint32_t hash        # of its key
    uint32_t uses        # how often it was found; halved from time to time

cdef class FormCache:
    cdef readonly Py_ssize_t capacity  # values at most
    cdef readonly Py_ssize_t columns   # hashes of a key
    cdef readonly Py_ssize_t size      # bytes of a value
    cdef void* _lock                   # held between ``acquire`` and ``release``
    cdef int32_t* _slots               # hash table: the entry of each slot, or FREE
    cdef uint64_t _mask                # number of slots (a power of two) - 1
    cdef uint64_t* _keys               # (capacity, columns)
    cdef Entry* _entries               # (capacity)
    cdef char* _values                 # (capacity, size)
    cdef Py_ssize_t _count             # entries in use
    cdef uint8_t* _miss_counts         # by hash: how often values that are not in the cache were looked up
    cdef Py_ssize_t _misses            # since all counts were last halved
    cdef Py_ssize_t _next_candidate    # the entry after which the next one to evict is looked for
    cdef uint64_t* _open_batches       # (BATCHES): numbers of the batches that have not left yet, or 0
    cdef Py_ssize_t _extra_batches     # open batches beyond BATCHES; while there are any, nothing is evicted
    cdef uint64_t _last_batch          # number of the batch that entered last

    cdef uint64_t enter(self) noexcept nogil
    cdef void leave(self, uint64_t batch) noexcept nogil
    cdef void acquire(self) noexcept nogil
    cdef void release(self) noexcept nogil
    cdef const void* find(self, const uint64_t* key, uint64_t batch) noexcept nogil
    cdef void put(self, const uint64_t* key, const void* value, uint64_t batch) noexcept nogil
    cdef uint32_t _hash(self, const uint64_t* key) noexcept nogil
    cdef uint64_t _find_slot(self, const uint64_t* key, uint32_t hash) noexcept nogil
    cdef Py_ssize_t _find_least_used(self) noexcept nogil
    cdef void _remove(self, Py_ssize_t entry) noexcept nogil
    cdef void _halve_counts(self) noexcept nogil

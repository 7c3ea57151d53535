"""``FormCache``: vectors by attribute tuple, in a capped table that threads share."""

from libc.stdint cimport int32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcmp, memcpy, memset

from cpython.pythread cimport (
    PyThread_acquire_lock, PyThread_allocate_lock, PyThread_free_lock, PyThread_release_lock, WAIT_LOCK,
)

from nerture.core.hashing cimport join64

cdef enum:
    CHUNK = 256  # vectors that memory is taken for at once
    REFUSALS = 4  # for each vector that is kept
    FREE = -1


cdef class FormCache:
    """Vectors (``width`` floats) by key (``columns`` hashes), ``capacity`` of them at most.

    It only grows: a vector stays where it is, and may be read without more ado, as long as the cache lives.
    Frequent forms come early, so a full cache is still a good one; when it had to refuse too many, it is
    ``worn``, and one begins a new one. ``find`` and ``keep`` are for the thread between ``acquire`` and
    ``release``.
    """

    def __cinit__(self, Py_ssize_t columns, Py_ssize_t width, Py_ssize_t capacity):
        cdef uint64_t places = 2
        if columns < 1 or width < 1 or capacity < 1:
            raise ValueError(
                f"a cache of {capacity} vectors of {width} floats by {columns} hashes: "
                "allowed is 1 or more of each"
            )
        self.columns, self.width, self.capacity = columns, width, capacity
        while places < 2 * <uint64_t>capacity:
            places *= 2
        self._mask = places - 1
        self._index = <int32_t*>malloc(places * sizeof(int32_t))
        self._keys = <uint64_t*>malloc(capacity * columns * sizeof(uint64_t))
        self._chunks = <float**>calloc((capacity + CHUNK - 1) // CHUNK, sizeof(float*))
        self._lock = PyThread_allocate_lock()
        if self._index == NULL or self._keys == NULL or self._chunks == NULL or self._lock == NULL:
            raise MemoryError("no memory for a cache of word forms")
        memset(self._index, FREE, places * sizeof(int32_t))

    def __dealloc__(self):
        cdef Py_ssize_t chunk
        if self._lock != NULL:
            PyThread_free_lock(self._lock)
        if self._chunks != NULL:
            for chunk in range((self.capacity + CHUNK - 1) // CHUNK):
                free(self._chunks[chunk])
        free(self._chunks)
        free(self._index)
        free(self._keys)

    def __len__(self):
        return self._count

    @property
    def worn(self):
        """Whether it is full, and many others have come since."""
        return self._refused > REFUSALS * self.capacity

    cdef void acquire(self) noexcept nogil:
        PyThread_acquire_lock(self._lock, WAIT_LOCK)

    cdef void release(self) noexcept nogil:
        PyThread_release_lock(self._lock)

    cdef Py_ssize_t _place(self, const uint64_t* key) noexcept nogil:
        """Return where the key is in the index, or would be: linear probing (Knuth 1998, 6.4)."""
        cdef uint64_t mixed = 0
        cdef uint64_t place
        cdef Py_ssize_t column
        for column in range(self.columns):
            mixed = join64(mixed, key[column])
        place = mixed & self._mask
        while self._index[place] != FREE:
            if memcmp(self._keys + self._index[place] * self.columns, key,
                      self.columns * sizeof(uint64_t)) == 0:
                break
            place = (place + 1) & self._mask
        return <Py_ssize_t>place

    cdef const float* find(self, const uint64_t* key) noexcept nogil:
        """Return the key's vector, NULL if there is none."""
        cdef int32_t entry = self._index[self._place(key)]
        if entry == FREE:
            return NULL
        return self._chunks[entry // CHUNK] + (entry % CHUNK) * self.width

    cdef bint keep(self, const uint64_t* key, const float* vector) noexcept nogil:
        """Keep a copy of the key's vector, if there is room and it is new; say whether there was memory."""
        cdef Py_ssize_t place = self._place(key)
        cdef Py_ssize_t chunk = self._count // CHUNK
        if self._index[place] != FREE:
            return True
        if self._count == self.capacity:
            self._refused += 1
            return True
        if self._chunks[chunk] == NULL:
            self._chunks[chunk] = <float*>malloc(CHUNK * self.width * sizeof(float))
            if self._chunks[chunk] == NULL:
                return False
        memcpy(self._keys + self._count * self.columns, key, self.columns * sizeof(uint64_t))
        memcpy(self._chunks[chunk] + (self._count % CHUNK) * self.width, vector, self.width * sizeof(float))
        self._index[place] = <int32_t>self._count
        self._count += 1
        return True

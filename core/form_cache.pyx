"""``FormCache``: vectors by attribute tuple, in a capped table that threads share."""

from libc.stdint cimport int32_t, uint64_t
from libc.stdlib cimport calloc, free, realloc
from libc.string cimport memcmp, memcpy, memset

from cpython.pythread cimport (
    PyThread_acquire_lock, PyThread_allocate_lock, PyThread_free_lock, PyThread_release_lock, WAIT_LOCK,
)

from nerture.core.hashing cimport join64

cdef enum:
    FIRST_ROOM = 1024  # entries that memory is taken for at first
    FREE = -1


cdef class FormCache:
    """Vectors (``width`` floats) by key (``columns`` hashes), ``capacity`` of them at most.

    It starts anew when it is full, so that memory is bounded. Between ``acquire`` and ``release`` it belongs
    to one thread; what ``find`` returns is good until ``keep``.
    """

    def __cinit__(self, Py_ssize_t columns, Py_ssize_t width, Py_ssize_t capacity=32_768):
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
        self._index = <int32_t*>calloc(places, sizeof(int32_t))
        self._lock = PyThread_allocate_lock()
        if self._index == NULL or self._lock == NULL:
            raise MemoryError("no memory for a cache of word forms")
        memset(self._index, FREE, places * sizeof(int32_t))

    def __dealloc__(self):
        if self._lock != NULL:
            PyThread_free_lock(self._lock)
        free(self._index)
        free(self._keys)
        free(self._vectors)

    def __len__(self):
        return self._count

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
        return self._vectors + entry * self.width

    cdef bint keep(self, const uint64_t* key, const float* vector) noexcept nogil:
        """Keep a copy of the key's vector, unless there is one; say whether there was memory for it."""
        cdef Py_ssize_t place, room
        cdef void* moved
        if self._count == self.capacity:
            self._count = 0
            memset(self._index, FREE, (self._mask + 1) * sizeof(int32_t))
        place = self._place(key)
        if self._index[place] != FREE:
            return True
        if self._count == self._room:
            room = min(max(2 * self._room, <Py_ssize_t>FIRST_ROOM), self.capacity)
            moved = realloc(self._keys, room * self.columns * sizeof(uint64_t))
            if moved == NULL:
                return False
            self._keys = <uint64_t*>moved
            moved = realloc(self._vectors, room * self.width * sizeof(float))
            if moved == NULL:
                return False
            self._vectors = <float*>moved
            self._room = room
        memcpy(self._keys + self._count * self.columns, key, self.columns * sizeof(uint64_t))
        memcpy(self._vectors + self._count * self.width, vector, self.width * sizeof(float))
        self._index[place] = <int32_t>self._count
        self._count += 1
        return True

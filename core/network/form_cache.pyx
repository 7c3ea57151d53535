"""``FormCache``: values by attribute tuple, of those that come most often, in a table that threads share."""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcmp, memcpy, memset

from cpython.pythread cimport (
    PyThread_acquire_lock, PyThread_allocate_lock, PyThread_free_lock, PyThread_release_lock, WAIT_LOCK,
)

from nerture.core.kernels.hashing cimport join64

cdef enum:
    FREE = -1
    ASKED = 32768  # counters of how often what is not kept was asked for, by hash; a power of two
    MAX_ASKED = 255
    AGE = 10  # for each value that is kept, values asked for in vain until all counts are halved
    CANDIDATES = 8  # entries among which the one to give way is looked for
    BATCHES = 64  # batches that may be under way without keeping every entry from giving way


cdef class FormCache:
    """Values (``size`` bytes) by key (``columns`` hashes), ``capacity`` of them at most.

    A full cache takes a new value in place of one that is asked for less often (Einziger et al. 2017,
    "TinyLFU": counts that are halved now and then, those of what is not kept by hash). A batch of lookups is
    between ``enter`` and ``leave``: no value that it has found gives way before it leaves. ``find`` and
    ``keep`` are for the thread between ``acquire`` and ``release``.
    """

    def __cinit__(self, Py_ssize_t columns, Py_ssize_t size, Py_ssize_t capacity):
        cdef uint64_t places = 2
        if columns < 1 or size < 1 or capacity < 1:
            raise ValueError(
                f"a cache of {capacity} values of {size} bytes by {columns} hashes: "
                "allowed is 1 or more of each"
            )
        self.columns, self.size, self.capacity = columns, size, capacity
        while places < 2 * <uint64_t>capacity:
            places *= 2
        self._mask = places - 1
        self._index = <int32_t*>malloc(places * sizeof(int32_t))
        self._keys = <uint64_t*>malloc(capacity * columns * sizeof(uint64_t))
        self._entries = <Entry*>malloc(capacity * sizeof(Entry))
        self._values = <char*>malloc(capacity * size)  # memory is taken as it is filled
        self._asked = <uint8_t*>calloc(ASKED, sizeof(uint8_t))
        self._batches = <uint64_t*>calloc(BATCHES, sizeof(uint64_t))
        self._lock = PyThread_allocate_lock()
        if (self._index == NULL or self._keys == NULL or self._entries == NULL or self._values == NULL
                or self._asked == NULL or self._batches == NULL or self._lock == NULL):
            raise MemoryError("no memory for a cache of word forms")
        memset(self._index, FREE, places * sizeof(int32_t))

    def __dealloc__(self):
        if self._lock != NULL:
            PyThread_free_lock(self._lock)
        free(self._index)
        free(self._keys)
        free(self._entries)
        free(self._values)
        free(self._asked)
        free(self._batches)

    def __len__(self):
        return self._count

    def __contains__(self, const uint64_t[::1] key):
        """Say whether the key's value is kept; does not count as a use."""
        cdef bint found
        if key.shape[0] != self.columns:
            raise ValueError(f"a key of {key.shape[0]} hashes: expected are {self.columns}")
        with nogil:
            self.acquire()
            found = self._index[self._place(&key[0], self._mixed(&key[0]))] != FREE
            self.release()
        return found

    cdef void acquire(self) noexcept nogil:
        PyThread_acquire_lock(self._lock, WAIT_LOCK)

    cdef void release(self) noexcept nogil:
        PyThread_release_lock(self._lock)

    cdef uint64_t enter(self) noexcept nogil:
        """Begin a batch of lookups; return its number, from 1 on."""
        cdef Py_ssize_t slot
        cdef uint64_t batch
        self.acquire()
        self._latest += 1
        batch = self._latest
        for slot in range(BATCHES):
            if self._batches[slot] == 0:
                self._batches[slot] = batch
                break
        else:
            self._crowd += 1
        self.release()
        return batch

    cdef void leave(self, uint64_t batch) noexcept nogil:
        """End a batch: what it found may give way from now on."""
        cdef Py_ssize_t slot
        self.acquire()
        for slot in range(BATCHES):
            if self._batches[slot] == batch:
                self._batches[slot] = 0
                break
        else:
            self._crowd -= 1
        self.release()

    cdef uint32_t _mixed(self, const uint64_t* key) noexcept nogil:
        cdef uint64_t mixed = 0
        cdef Py_ssize_t column
        for column in range(self.columns):
            mixed = join64(mixed, key[column])
        return <uint32_t>mixed

    cdef uint64_t _place(self, const uint64_t* key, uint32_t mixed) noexcept nogil:
        """Return where the key is in the index, or would be: linear probing (Knuth 1998, 6.4)."""
        cdef uint64_t place = mixed & self._mask
        cdef int32_t entry
        while True:
            entry = self._index[place]
            if entry == FREE or (self._entries[entry].mixed == mixed and memcmp(
                    self._keys + entry * self.columns, key, self.columns * sizeof(uint64_t)) == 0):
                return place
            place = (place + 1) & self._mask

    cdef const void* find(self, const uint64_t* key, uint64_t batch) noexcept nogil:
        """Return the key's value for a batch that has entered, NULL if there is none."""
        cdef int32_t entry = self._index[self._place(key, self._mixed(key))]
        if entry == FREE:
            return NULL
        self._entries[entry].uses += 1
        self._entries[entry].latest = max(self._entries[entry].latest, batch)
        return self._values + entry * self.size

    cdef void keep(self, const uint64_t* key, const void* value, uint64_t batch) noexcept nogil:
        """Take in a copy of a value that was not found, unless all others are asked for as often."""
        cdef uint32_t mixed = self._mixed(key)
        cdef uint64_t place = self._place(key, mixed)
        cdef uint8_t* asked = &self._asked[mixed & (ASKED - 1)]
        cdef Py_ssize_t entry = self._count
        cdef uint32_t uses
        if self._index[place] != FREE:  # it comes twice in the batch
            self._entries[self._index[place]].uses += 1
            return
        asked[0] = min(asked[0] + 1, MAX_ASKED)
        uses = asked[0]
        self._asked_for += 1
        if self._asked_for >= AGE * self.capacity:
            self._age()
        if entry == self.capacity:
            entry = self._least_used()
            if entry == FREE or self._entries[entry].uses >= uses:
                return
            self._remove(entry)
            place = self._place(key, mixed)
        else:
            self._count += 1
        self._entries[entry] = Entry(batch, mixed, uses)
        memcpy(self._keys + entry * self.columns, key, self.columns * sizeof(uint64_t))
        memcpy(self._values + entry * self.size, value, self.size)
        self._index[place] = <int32_t>entry

    cdef Py_ssize_t _least_used(self) noexcept nogil:
        """Return one of the next few entries that no batch under way has found, FREE if there is none."""
        cdef uint64_t oldest = self._latest + 1
        cdef Py_ssize_t best = FREE, slot, _candidate
        if self._crowd:
            return FREE
        for slot in range(BATCHES):
            if self._batches[slot] != 0:
                oldest = min(oldest, self._batches[slot])
        for _candidate in range(CANDIDATES):
            self._hand = (self._hand + 1) % self.capacity
            if self._entries[self._hand].latest < oldest and (
                    best == FREE or self._entries[self._hand].uses < self._entries[best].uses):
                best = self._hand
        return best

    cdef void _remove(self, Py_ssize_t entry) noexcept nogil:
        """Take an entry out of the index, and move up those that were put behind it (Knuth 1998, 6.4, R)."""
        cdef uint64_t hole = self._place(self._keys + entry * self.columns, self._entries[entry].mixed)
        cdef uint64_t place = hole
        cdef uint64_t wanted
        self._asked[self._entries[entry].mixed & (ASKED - 1)] = <uint8_t>min(
            self._entries[entry].uses, <uint32_t>MAX_ASKED)
        self._index[hole] = FREE
        while True:
            place = (place + 1) & self._mask
            if self._index[place] == FREE:
                return
            wanted = self._entries[self._index[place]].mixed & self._mask
            if ((place - wanted) & self._mask) >= ((place - hole) & self._mask):  # the hole is on its way
                self._index[hole] = self._index[place]
                self._index[place] = FREE
                hole = place

    cdef void _age(self) noexcept nogil:
        cdef Py_ssize_t index
        for index in range(self._count):
            self._entries[index].uses //= 2
        for index in range(ASKED):
            self._asked[index] //= 2
        self._asked_for = 0

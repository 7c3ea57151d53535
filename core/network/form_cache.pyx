"""``FormCache``: the values of the most frequent attribute tuples, in a hash table that threads share."""

from libc.stdint cimport int32_t, uint8_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcmp, memcpy, memset

from cpython.pythread cimport (
    PyThread_acquire_lock, PyThread_allocate_lock, PyThread_free_lock, PyThread_release_lock, WAIT_LOCK,
)

from nerture.core.kernels.hashing cimport join64

cdef enum:
    FREE = -1
    MISS_COUNTERS = 32768  # counters of lookups that missed, by hash; a power of two
    MAX_MISS_COUNT = 255
    MISSES_PER_HALVING = 10  # misses, for each value that fits in, until all counts are halved
    CANDIDATES = 8  # entries that are considered for eviction
    BATCHES = 64  # batches that may be open at once without preventing eviction


cdef class FormCache:
    """Values (``size`` bytes) by key (``columns`` hashes), at most ``capacity`` of them.

    A full cache takes a new value in place of one that is looked up less often (Einziger et al. 2017,
    "TinyLFU": use counts that are halved from time to time; those of values outside the cache are counted by
    hash). A batch of lookups calls ``enter`` first and ``leave`` last; no value that it has found is evicted
    before it leaves. Callers of ``find`` and ``put`` must hold the lock (``acquire``, ``release``).
    """

    def __cinit__(self, Py_ssize_t columns, Py_ssize_t size, Py_ssize_t capacity):
        cdef uint64_t slots = 2
        if columns < 1 or size < 1 or capacity < 1:
            raise ValueError(
                "form cache: expected 1 or more columns, bytes and values, "
                f"got {columns}, {size} and {capacity}"
            )
        self.columns, self.size, self.capacity = columns, size, capacity
        while slots < 2 * <uint64_t>capacity:
            slots *= 2
        self._mask = slots - 1
        self._slots = <int32_t*>malloc(slots * sizeof(int32_t))
        self._keys = <uint64_t*>malloc(capacity * columns * sizeof(uint64_t))
        self._entries = <Entry*>malloc(capacity * sizeof(Entry))
        self._values = <char*>malloc(capacity * size)  # the system commits the memory as it is filled
        self._miss_counts = <uint8_t*>calloc(MISS_COUNTERS, sizeof(uint8_t))
        self._open_batches = <uint64_t*>calloc(BATCHES, sizeof(uint64_t))
        self._lock = PyThread_allocate_lock()
        if (self._slots == NULL or self._keys == NULL or self._entries == NULL or self._values == NULL
                or self._miss_counts == NULL or self._open_batches == NULL or self._lock == NULL):
            raise MemoryError("no memory for a cache of word forms")
        memset(self._slots, FREE, slots * sizeof(int32_t))

    def __dealloc__(self):
        if self._lock != NULL:
            PyThread_free_lock(self._lock)
        free(self._slots)
        free(self._keys)
        free(self._entries)
        free(self._values)
        free(self._miss_counts)
        free(self._open_batches)

    def __len__(self):
        return self._count

    def __contains__(self, const uint64_t[::1] key):
        """Return True if the key's value is in the cache; does not count as a use."""
        cdef bint is_cached
        if key.shape[0] != self.columns:
            raise ValueError(f"key: expected {self.columns} hashes, got {key.shape[0]}")
        with nogil:
            self.acquire()
            is_cached = self._slots[self._find_slot(&key[0], self._hash(&key[0]))] != FREE
            self.release()
        return is_cached

    cdef void acquire(self) noexcept nogil:
        PyThread_acquire_lock(self._lock, WAIT_LOCK)

    cdef void release(self) noexcept nogil:
        PyThread_release_lock(self._lock)

    cdef uint64_t enter(self) noexcept nogil:
        """Begin a batch of lookups; return its number, counted from 1."""
        cdef Py_ssize_t index
        cdef uint64_t batch
        self.acquire()
        self._last_batch += 1
        batch = self._last_batch
        for index in range(BATCHES):
            if self._open_batches[index] == 0:
                self._open_batches[index] = batch
                break
        else:
            self._extra_batches += 1
        self.release()
        return batch

    cdef void leave(self, uint64_t batch) noexcept nogil:
        """End a batch: the values that it found may be evicted from now on."""
        cdef Py_ssize_t index
        self.acquire()
        for index in range(BATCHES):
            if self._open_batches[index] == batch:
                self._open_batches[index] = 0
                break
        else:
            self._extra_batches -= 1
        self.release()

    cdef uint32_t _hash(self, const uint64_t* key) noexcept nogil:
        cdef uint64_t hash = 0
        cdef Py_ssize_t column
        for column in range(self.columns):
            hash = join64(hash, key[column])
        return <uint32_t>hash

    cdef uint64_t _find_slot(self, const uint64_t* key, uint32_t hash) noexcept nogil:
        """Return the key's slot, or the free one where it would go: linear probing (Knuth 1998, 6.4)."""
        cdef uint64_t slot = hash & self._mask
        cdef int32_t entry
        while True:
            entry = self._slots[slot]
            if entry == FREE or (self._entries[entry].hash == hash and memcmp(
                    self._keys + entry * self.columns, key, self.columns * sizeof(uint64_t)) == 0):
                return slot
            slot = (slot + 1) & self._mask

    cdef const void* find(self, const uint64_t* key, uint64_t batch) noexcept nogil:
        """Return the key's value for a batch that has entered, NULL if there is none."""
        cdef int32_t entry = self._slots[self._find_slot(key, self._hash(key))]
        if entry == FREE:
            return NULL
        self._entries[entry].uses += 1
        self._entries[entry].last_batch = max(self._entries[entry].last_batch, batch)
        return self._values + entry * self.size

    cdef void put(self, const uint64_t* key, const void* value, uint64_t batch) noexcept nogil:
        """Copy a value that was not found into the cache, unless all candidates are used as often."""
        cdef uint32_t hash = self._hash(key)
        cdef uint64_t slot = self._find_slot(key, hash)
        cdef uint8_t* misses = &self._miss_counts[hash & (MISS_COUNTERS - 1)]
        cdef Py_ssize_t entry = self._count
        cdef uint32_t uses
        if self._slots[slot] != FREE:  # the key occurs twice in the batch
            self._entries[self._slots[slot]].uses += 1
            return
        misses[0] = min(misses[0] + 1, MAX_MISS_COUNT)
        uses = misses[0]
        self._misses += 1
        if self._misses >= MISSES_PER_HALVING * self.capacity:
            self._halve_counts()
        if entry == self.capacity:
            entry = self._find_least_used()
            if entry == FREE or self._entries[entry].uses >= uses:
                return
            self._remove(entry)
            slot = self._find_slot(key, hash)
        else:
            self._count += 1
        self._entries[entry] = Entry(batch, hash, uses)
        memcpy(self._keys + entry * self.columns, key, self.columns * sizeof(uint64_t))
        memcpy(self._values + entry * self.size, value, self.size)
        self._slots[slot] = <int32_t>entry

    cdef Py_ssize_t _find_least_used(self) noexcept nogil:
        """Return the least used of the next candidates that no open batch has found, FREE if none."""
        cdef uint64_t oldest = self._last_batch + 1
        cdef Py_ssize_t best = FREE, index, _candidate
        if self._extra_batches:
            return FREE
        for index in range(BATCHES):
            if self._open_batches[index] != 0:
                oldest = min(oldest, self._open_batches[index])
        for _candidate in range(CANDIDATES):
            index = self._next_candidate = (self._next_candidate + 1) % self.capacity
            if self._entries[index].last_batch < oldest and (
                    best == FREE or self._entries[index].uses < self._entries[best].uses):
                best = index
        return best

    cdef void _remove(self, Py_ssize_t entry) noexcept nogil:
        """Remove an entry and move up those that were displaced by it (Knuth 1998, 6.4, R)."""
        cdef uint64_t hole = self._find_slot(self._keys + entry * self.columns, self._entries[entry].hash)
        cdef uint64_t slot = hole
        cdef uint64_t home
        self._miss_counts[self._entries[entry].hash & (MISS_COUNTERS - 1)] = <uint8_t>min(
            self._entries[entry].uses, <uint32_t>MAX_MISS_COUNT)
        self._slots[hole] = FREE
        while True:
            slot = (slot + 1) & self._mask
            if self._slots[slot] == FREE:
                return
            home = self._entries[self._slots[slot]].hash & self._mask
            if ((slot - home) & self._mask) >= ((slot - hole) & self._mask):  # probing passes the hole
                self._slots[hole] = self._slots[slot]
                self._slots[slot] = FREE
                hole = slot

    cdef void _halve_counts(self) noexcept nogil:
        cdef Py_ssize_t index
        for index in range(self._count):
            self._entries[index].uses //= 2
        for index in range(MISS_COUNTERS):
            self._miss_counts[index] //= 2
        self._misses = 0

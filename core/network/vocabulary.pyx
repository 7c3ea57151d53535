"""``Vocabulary``: what a learner has met of words, so that it can tell a new word from one that it knows."""

from libc.stdint cimport int32_t, uint8_t, uint64_t

from nerture.core.kernels.hashing cimport REPLACED, key_of, mix64

import numpy as np

from nerture.core.errors import SettingError

cdef enum:
    MAX_COUNT = 255  # times that are told apart
    KINDS = 256  # and never


cdef class Vocabulary:
    """The hashed values of attributes that were met in training, and how often each; it does not change.

    A new word's hash leads to rows of a table that other words have trained: what they hold is noise. So
    ``UNKNOWN`` takes the place of every value that is not in the vocabulary, and the learner learns what to
    make of it where it takes the place of rare values in training (Kiperwasser & Goldberg 2016, "Simple and
    accurate dependency parsing using bidirectional LSTM feature representations", section 4).

    ``values`` uint64 (V) are distinct, ascending, above ``UNKNOWN``; ``counts`` uint8 (V) are 1 to 255, which
    stands for all that is more. Raises ``SettingError`` for anything else.
    """

    def __init__(self, values, counts):
        cdef Py_ssize_t index
        cdef uint64_t place, places = 2
        cdef const uint64_t[::1] given
        cdef const uint8_t[::1] times
        values = np.array(values, dtype=np.uint64)
        counts = np.array(counts, dtype=np.uint8)
        if values.ndim != 1 or values.shape != counts.shape:
            raise SettingError(
                f"vocabulary: found values of shape {values.shape} and counts of {counts.shape}, "
                "allowed is one count for each value"
            )
        if len(values) and (values[0] <= UNKNOWN or (values[1:] <= values[:-1]).any()):
            raise SettingError(f"vocabulary: the values are not ascending and above {UNKNOWN}")
        if not counts.all():
            raise SettingError("vocabulary: found a count of 0, allowed are 1 to 255")
        values.flags.writeable = counts.flags.writeable = False
        self.values, self.counts = values, counts
        while places < 2 * <uint64_t>(len(values) + 1):
            places *= 2
        self._mask = places - 1
        self._places = np.zeros(places, dtype=np.uint64)
        self._counts = np.zeros(places, dtype=np.uint8)
        given, times = values, counts
        with nogil:
            for index in range(given.shape[0]):
                place = mix64(given[index]) & self._mask
                while self._places[place] != 0:
                    place = (place + 1) & self._mask
                self._places[place] = given[index]
                self._counts[place] = times[index]

    def __len__(self):
        return len(self.values)

    def __eq__(self, other):
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return np.array_equal(self.values, other.values) and np.array_equal(self.counts, other.counts)

    __hash__ = None

    @staticmethod
    def of(tables, columns):
        """Return that of texts with these attributes, uint64 (N, F) each; only ``columns`` count."""
        none = np.empty(0, dtype=np.uint64)
        met = [np.ascontiguousarray(table[:, columns]).reshape(-1) for table in tables]
        values, counts = np.unique(np.concatenate([none, *met]), return_counts=True)
        seen = values > UNKNOWN
        return Vocabulary(values[seen], np.minimum(counts[seen], MAX_COUNT))

    def joined(self, Vocabulary other):
        """Return what either of two vocabularies has, with the greater of the two counts."""
        values = np.union1d(self.values, other.values)
        counts = np.zeros(len(values), dtype=np.uint8)
        for one in (self, other):
            place = np.searchsorted(values, one.values)
            counts[place] = np.maximum(counts[place], one.counts)
        return Vocabulary(values, counts)

    cdef uint8_t count(self, uint64_t value) noexcept nogil:
        """Return how often a value was met; 0: never."""
        cdef uint64_t place = mix64(value) & self._mask
        while self._places[place] != value and self._places[place] != 0:
            place = (place + 1) & self._mask
        return self._counts[place]

    def replace(self, uint64_t[:, ::1] attributes, const int32_t[::1] columns, double rare, uint64_t seed):
        """Put ``UNKNOWN`` in the place of the values, in these columns, that were never met; 0 stays.

        One that was met n times is replaced, too, with probability ``rare`` / (``rare`` + n), as the seed
        says. One draw decides for all of a token's values, so that those go together which go together in
        new words: the rarest first.
        """
        cdef Py_ssize_t token, column
        cdef uint64_t value, drawn, key = key_of(seed, REPLACED)
        cdef uint64_t[KINDS] thresholds
        cdef uint8_t times
        for times in range(MAX_COUNT):
            thresholds[times + 1] = <uint64_t>(rare / (rare + times + 1) * 4294967296.0)
        thresholds[0] = 4294967296
        with nogil:
            for token in range(attributes.shape[0]):
                drawn = mix64(key + <uint64_t>token) >> 32
                for column in range(columns.shape[0]):
                    value = attributes[token, columns[column]]
                    if value != 0 and drawn < thresholds[self.count(value)]:
                        attributes[token, columns[column]] = UNKNOWN

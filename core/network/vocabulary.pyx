"""``Vocabulary``: the attribute values seen in training, which tell known words from new ones."""

from libc.stdint cimport int32_t, uint8_t, uint64_t

from nerture.core.kernels.hashing cimport REPLACED, make_key, mix64

import numpy as np

from nerture.core.errors import SettingError

cdef enum:
    MAX_COUNT = 255  # higher counts are capped
    COUNTS = 256     # different counts, with 0


cdef class Vocabulary:
    """The hashed attribute values seen in training and how often each was seen; immutable.

    The hash of a new word leads to rows of an embedding table that other words have trained, which are noise
    for it. So ``UNKNOWN`` replaces every value that is not in the vocabulary; what it means is learned in
    training, where it also replaces rare values (Kiperwasser & Goldberg 2016, "Simple and accurate dependency
    parsing using bidirectional LSTM feature representations", section 4).

    ``values`` uint64 (V) are distinct, ascending and above ``UNKNOWN``; ``counts`` uint8 (V) are 1 to 255,
    which stands for 255 or more. Raises ``SettingError`` for anything else.
    """

    def __init__(self, values, counts):
        cdef Py_ssize_t index
        cdef uint64_t slot, slots = 2
        cdef const uint64_t[::1] value_view
        cdef const uint8_t[::1] count_view
        values = np.array(values, dtype=np.uint64)
        counts = np.array(counts, dtype=np.uint8)
        if values.ndim != 1 or values.shape != counts.shape:
            raise SettingError(
                f"vocabulary: expected one count for each value, got values of shape {values.shape} "
                f"and counts of shape {counts.shape}"
            )
        if len(values) and (values[0] <= UNKNOWN or (values[1:] <= values[:-1]).any()):
            raise SettingError(f"vocabulary: expected values that are ascending and above {UNKNOWN}")
        if not counts.all():
            raise SettingError("vocabulary: expected counts from 1 to 255, got 0")
        values.flags.writeable = counts.flags.writeable = False
        self.values, self.counts = values, counts
        while slots < 2 * <uint64_t>(len(values) + 1):
            slots *= 2
        self._mask = slots - 1
        self._slots = np.zeros(slots, dtype=np.uint64)
        self._counts = np.zeros(slots, dtype=np.uint8)
        value_view, count_view = values, counts
        with nogil:
            for index in range(value_view.shape[0]):
                slot = mix64(value_view[index]) & self._mask
                while self._slots[slot] != 0:
                    slot = (slot + 1) & self._mask
                self._slots[slot] = value_view[index]
                self._counts[slot] = count_view[index]

    def __len__(self):
        return len(self.values)

    def __eq__(self, other):
        if not isinstance(other, Vocabulary):
            return NotImplemented
        return np.array_equal(self.values, other.values) and np.array_equal(self.counts, other.counts)

    __hash__ = None

    @staticmethod
    def of(tables, columns):
        """Return the vocabulary of texts with these attributes, uint64 (N, F) each, in ``columns`` alone."""
        none = np.empty(0, dtype=np.uint64)
        seen = [np.ascontiguousarray(table[:, columns]).reshape(-1) for table in tables]
        values, counts = np.unique(np.concatenate([none, *seen]), return_counts=True)
        known = values > UNKNOWN
        return Vocabulary(values[known], np.minimum(counts[known], MAX_COUNT))

    def merge(self, Vocabulary other):
        """Return the union of two vocabularies, with the greater of the two counts of each value."""
        values = np.union1d(self.values, other.values)
        counts = np.zeros(len(values), dtype=np.uint8)
        for part in (self, other):
            index = np.searchsorted(values, part.values)
            counts[index] = np.maximum(counts[index], part.counts)
        return Vocabulary(values, counts)

    cdef uint8_t count(self, uint64_t value) noexcept nogil:
        """Return how often a value was seen; 0: never."""
        cdef uint64_t slot = mix64(value) & self._mask
        while self._slots[slot] != value and self._slots[slot] != 0:
            slot = (slot + 1) & self._mask
        return self._counts[slot]

    def replace_unknown(self, uint64_t[:, ::1] attributes, const int32_t[::1] columns, double rare,
                        uint64_t seed):
        """Replace the values of these columns that are not in the vocabulary by ``UNKNOWN``; 0 stays.

        A value that was seen n times is replaced, too, with probability ``rare`` / (``rare`` + n). One random
        draw decides for all values of a token, so that values are replaced in the combinations in which they
        are unknown in new words: the rarest first.
        """
        cdef Py_ssize_t token, column
        cdef uint64_t value, drawn, key = make_key(seed, REPLACED)
        cdef uint64_t[COUNTS] thresholds
        cdef uint8_t count
        for count in range(MAX_COUNT):
            thresholds[count + 1] = <uint64_t>(rare / (rare + count + 1) * 4294967296.0)
        thresholds[0] = 4294967296
        with nogil:
            for token in range(attributes.shape[0]):
                drawn = mix64(key + <uint64_t>token) >> 32
                for column in range(columns.shape[0]):
                    value = attributes[token, columns[column]]
                    if value != 0 and drawn < thresholds[self.count(value)]:
                        attributes[token, columns[column]] = UNKNOWN

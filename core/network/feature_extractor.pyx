"""``FeatureExtractor``: hashed lexical attributes of word forms, computed once and cached."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.string cimport memcmp, memcpy

from nerture.core.kernels.hashing cimport hash_text, HIDDEN, HIDDEN_SINGLY, join64, make_key, mix64

import numpy as np

from nerture.core.text.lexical import ATTRIBUTES, attributes_of

cdef Py_ssize_t COUNT = ATTRIBUTES.index("match")  # attributes of the form itself

cdef enum:
    MAX_ATTRIBUTES = 64  # attributes that a form may have


cdef class FeatureExtractor:
    """Maps word forms to their attributes' hashes.

    At most ``capacity`` forms are cached: a full table is cleared, which bounds the memory. Safe to use from
    many threads: a form's hashes are complete when they enter the table, and never change.
    """

    cdef dict _hashes  # form -> bytes: its COUNT hashes
    cdef readonly Py_ssize_t capacity

    def __init__(self, Py_ssize_t capacity=50_000):
        self.capacity = capacity
        self._hashes = {}

    def __len__(self):
        return len(self._hashes)

    cdef bytes _hash_form(self, str form):
        """Return the form's hashes, as bytes."""
        cdef uint64_t[MAX_ATTRIBUTES] hashes
        cdef Py_ssize_t column
        packed = self._hashes.get(form)
        if packed is not None:
            return packed
        values = attributes_of(form)
        for column in range(COUNT):
            hashes[column] = hash_text(values[column], column)
        packed = PyBytes_FromStringAndSize(<const char*>hashes, COUNT * sizeof(uint64_t))
        if len(self._hashes) >= self.capacity:
            self._hashes = {}
        self._hashes[form] = packed
        return packed

    def attributes(self, str text, const int32_t[:, ::1] offsets):
        """Return the attributes' hashes of a text's tokens, uint64 (N, F)."""
        cdef Py_ssize_t token
        cdef Py_ssize_t count = offsets.shape[0]
        cdef bytes hashes
        result = np.empty((count, COUNT), dtype=np.uint64)
        cdef uint64_t[:, ::1] view = result
        for token in range(count):
            hashes = self._hash_form(text[offsets[token, 0]:offsets[token, 1]])
            memcpy(&view[token, 0], PyBytes_AS_STRING(hashes), COUNT * sizeof(uint64_t))
        return result


def hide(uint64_t[:, ::1] attributes, const int32_t[::1] columns, double share, uint64_t seed):
    """Set some attributes (``columns``) of a random share of the tokens to 0, which hides them."""
    cdef Py_ssize_t token, column
    cdef uint64_t threshold = <uint64_t>(share * 4294967296.0)
    cdef uint64_t key = make_key(seed, HIDDEN)
    with nogil:
        for token in range(attributes.shape[0]):
            if (mix64(key + <uint64_t>token) >> 32) < threshold:
                for column in range(columns.shape[0]):
                    attributes[token, columns[column]] = 0


def hide_single(uint64_t[:, ::1] attributes, double share, uint64_t seed):
    """Set a random share of all attributes to 0, which hides them, each independently."""
    cdef Py_ssize_t token, column
    cdef Py_ssize_t columns = attributes.shape[1]
    cdef uint64_t threshold = <uint64_t>(share * 4294967296.0)
    cdef uint64_t key = make_key(seed, HIDDEN_SINGLY)
    with nogil:
        for token in range(attributes.shape[0]):
            for column in range(columns):
                if (mix64(key + <uint64_t>(token * columns + column)) >> 32) < threshold:
                    attributes[token, column] = 0


def hash_rows(const uint64_t[:, ::1] attributes, Py_ssize_t attribute, Py_ssize_t table_rows,
              Py_ssize_t choices):
    """Return the rows of a hash table for one attribute of each token, int32 (N, choices); -1 if hidden."""
    cdef Py_ssize_t token, choice
    result = np.empty((attributes.shape[0], choices), dtype=np.int32)
    cdef int32_t[:, ::1] view = result
    with nogil:
        for token in range(attributes.shape[0]):
            for choice in range(choices):
                if attributes[token, attribute] == 0:
                    view[token, choice] = -1
                else:
                    view[token, choice] = <int32_t>(
                        mix64(attributes[token, attribute] + <uint64_t>choice) % <uint64_t>table_rows)
    return result


def find_distinct(const uint64_t[:, ::1] attributes):
    """Return the first tokens with each distinct row of attributes, int64 (M), and the inverse, int64 (N).

    Token i has the attributes of token ``first[inverse[i]]``.
    """
    cdef Py_ssize_t count = attributes.shape[0], columns = attributes.shape[1], unique = 0, token, column
    cdef Py_ssize_t size = columns * sizeof(uint64_t)
    cdef uint64_t slots = 2, mask, slot, hash
    while slots < 2 * <uint64_t>count:
        slots *= 2
    mask = slots - 1
    first = np.empty(count, dtype=np.int64)
    inverse = np.empty(count, dtype=np.int64)
    cdef int64_t[::1] table = np.full(slots, -1, dtype=np.int64)
    cdef int64_t[::1] first_view = first
    cdef int64_t[::1] inverse_view = inverse
    with nogil:
        for token in range(count):
            hash = 0
            for column in range(columns):
                hash = join64(hash, attributes[token, column])
            slot = hash & mask
            while table[slot] >= 0:  # linear probing (Knuth 1998, 6.4)
                if memcmp(&attributes[first_view[table[slot]], 0], &attributes[token, 0], size) == 0:
                    break
                slot = (slot + 1) & mask
            if table[slot] < 0:
                table[slot] = unique
                first_view[unique] = token
                unique += 1
            inverse_view[token] = table[slot]
    return first[:unique], inverse

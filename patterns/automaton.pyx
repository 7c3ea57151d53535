"""``TokenAutomaton``: Aho-Corasick over numbered tokens, in flat arrays that are saved as they are.

Aho and Corasick, "Efficient string matching: an aid to bibliographic search" (1975). A state is a
prefix of sequences; states are numbered by length, so that a state always falls back to one with a lower
number. The steps of all states are in one hash table, since a state may have a hundred thousand of them but
most have one.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport free, realloc

import numpy as np

from nerture.core.errors import DataError

cdef enum:
    ROOT = 0

ARRAYS = {
    "keys": np.uint64, "targets": np.int32, "fallback": np.int32, "shorter": np.int32, "lengths": np.int32,
    "first": np.int32, "numbers": np.int32,
}
"""The arrays that make up an automaton of S states and R sequences, with their types:

``keys`` and ``targets`` (a power of two): the steps, in an open-addressing hash table; key 0 is a free slot.
``fallback`` (S): the longest other state that is a suffix of the state. ``shorter`` (S): the longest of these
that is a sequence, or the root. ``lengths`` (S): in tokens. ``first`` (S + 1) and ``numbers`` (R):
``numbers[first[s]:first[s + 1]]`` are the numbers of the sequences that equal state s.
"""


cdef inline uint64_t _key(int32_t state, int32_t token) noexcept nogil:
    return (<uint64_t>state << 32 | <uint64_t>token) + 1


cdef inline uint64_t _place(uint64_t key, uint64_t mask) noexcept nogil:
    key = (key ^ key >> 31) * 0x9E3779B97F4A7C15ULL  # Fibonacci hashing
    return (key ^ key >> 32) & mask


cdef inline int32_t _step(
    const uint64_t* keys, const int32_t* targets, uint64_t mask, int32_t state, int32_t token
) noexcept nogil:
    """Return the state that a token leads to, or the root."""
    cdef uint64_t key = _key(state, token), place = _place(key, mask)
    while keys[place]:
        if keys[place] == key:
            return targets[place]
        place = (place + 1) & mask
    return ROOT


cdef class TokenAutomaton:
    """Finds every occurrence of many sequences of tokens at once; read-only, safe from many threads."""

    cdef readonly dict arrays
    """The arrays, by the names of ``ARRAYS``."""
    cdef const uint64_t[::1] _keys
    cdef const int32_t[::1] _targets, _fallback, _shorter, _lengths, _first, _numbers

    def __init__(self, arrays):
        """Use ``arrays`` as they were saved; raises ``DataError`` if they are not a valid automaton."""
        _check(arrays)
        self.arrays = dict(arrays)
        self._keys, self._targets = arrays["keys"], arrays["targets"]
        self._fallback, self._shorter = arrays["fallback"], arrays["shorter"]
        self._lengths, self._first, self._numbers = arrays["lengths"], arrays["first"], arrays["numbers"]

    @classmethod
    def build(cls, tokens, bounds, numbers):
        """Build the automaton of the sequences ``tokens[bounds[i]:bounds[i + 1]]``, none of them empty.

        ``tokens``, int32, are not negative; ``bounds``, int64 (R + 1); ``numbers``, int32 (R), are what hits
        report of each. Equal sequences may have several numbers.
        """
        return cls(_build_arrays(tokens, bounds, numbers))

    def find_hits(self, list tokens not None):
        """Return every occurrence: int32 (H, 3) of ``[start, end)`` and a sequence's number, by their ends.

        A token that is None is in no sequence.
        """
        cdef Py_ssize_t position, room = 0, count = 0, index
        cdef int32_t state = ROOT, at, token
        cdef uint64_t mask = <uint64_t>(self._keys.shape[0] - 1)
        cdef int32_t* found = NULL
        cdef int32_t* more
        cdef int32_t[:, ::1] view
        cdef object code
        try:
            for position in range(len(tokens)):
                code = tokens[position]
                if code is None:
                    state = ROOT
                    continue
                token = code
                at = _step(&self._keys[0], &self._targets[0], mask, state, token)
                while at == ROOT and state != ROOT:
                    state = self._fallback[state]
                    at = _step(&self._keys[0], &self._targets[0], mask, state, token)
                state = at
                while at != ROOT:
                    for index in range(self._first[at], self._first[at + 1]):
                        if count == room:
                            room = 2 * room + 64
                            more = <int32_t*>realloc(found, 3 * room * sizeof(int32_t))
                            if more is NULL:
                                raise MemoryError
                            found = more
                        found[3 * count] = <int32_t>(position + 1) - self._lengths[at]
                        found[3 * count + 1] = <int32_t>(position + 1)
                        found[3 * count + 2] = self._numbers[index]
                        count += 1
                    at = self._shorter[at]
            hits = np.empty((count, 3), dtype=np.int32)
            if count:
                view = hits
                for index in range(count):
                    view[index, 0] = found[3 * index]
                    view[index, 1] = found[3 * index + 1]
                    view[index, 2] = found[3 * index + 2]
            return hits
        finally:
            free(found)


def _check(arrays):
    """Raise ``DataError`` unless all indices are within the arrays, and no search is endless."""
    for name, dtype in ARRAYS.items():
        array = arrays.get(name)
        if array is None or array.dtype != dtype or array.ndim != 1 or not array.flags.c_contiguous:
            raise DataError(f"{name}: expected a one-dimensional array of {np.dtype(dtype)}")
    keys, targets = arrays["keys"], arrays["targets"]
    fallback, shorter, lengths = arrays["fallback"], arrays["shorter"], arrays["lengths"]
    first, numbers = arrays["first"], arrays["numbers"]
    states = len(lengths)
    size = len(keys)
    if not (size and size & (size - 1) == 0 and len(targets) == size and (keys == 0).any()):
        raise DataError("keys: expected a hash table with a free slot")
    used = keys != 0
    sources = ((keys[used] - np.uint64(1)) >> np.uint64(32)).astype(np.int64)
    reached = targets[used]
    if not (states and len(fallback) == states and len(shorter) == states and len(first) == states + 1):
        raise DataError("lengths: expected as many states as in the other arrays")
    if len(reached) and not (
        sources.max() < states and reached.min() > 0 and reached.max() < states
        and (lengths[reached] == lengths[sources] + 1).all()
    ):
        raise DataError("targets: expected steps to states that are longer by one token")
    later = lengths[1:]
    for name, array in (("fallback", fallback), ("shorter", shorter)):
        if array[0] or (array < 0).any() or (array >= states).any() or (lengths[array[1:]] >= later).any():
            raise DataError(f"{name}: expected only shorter states")
    if lengths[0] or (later < 1).any() or first[0] or first[1] or first[states] != len(numbers):
        raise DataError("first: expected the bounds of all sequences")
    if (first[1:] < first[:states]).any() or (numbers < 0).any():
        raise DataError("numbers: expected numbers of sequences")


def _build_arrays(const int32_t[::1] tokens, const int64_t[::1] bounds, const int32_t[::1] sequence_numbers):
    cdef Py_ssize_t sequences = bounds.shape[0] - 1, index, position, states = 1, size = 16
    cdef int32_t state, at, token
    while size < 2 * (tokens.shape[0] + 1):
        size *= 2
    keys, targets = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    parents, labels = np.zeros(tokens.shape[0] + 1, np.int32), np.zeros(tokens.shape[0] + 1, np.int32)
    lengths, ends = np.zeros(tokens.shape[0] + 1, np.int32), np.zeros(sequences, np.int32)
    cdef uint64_t[::1] keys_view = keys
    cdef int32_t[::1] targets_view = targets, parent = parents, label = labels, length = lengths, end = ends
    for index in range(sequences):
        state = ROOT
        for position in range(bounds[index], bounds[index + 1]):
            token = tokens[position]
            at = _step(&keys_view[0], &targets_view[0], size - 1, state, token)
            if at == ROOT:
                at = <int32_t>states
                states += 1
                parent[at], label[at], length[at] = state, token, length[state] + 1
                _insert(&keys_view[0], &targets_view[0], size - 1, state, token, at)
            state = at
        end[index] = state
    # renumber the states by length
    order = np.argsort(lengths[:states], kind="stable")
    rank = np.empty(states, np.int32)
    rank[order] = np.arange(states, dtype=np.int32)
    lengths, labels = lengths[order], labels[order]
    parents = rank[parents[order]]
    ends = rank[ends]
    return _link_states(parents, labels, lengths, ends, np.asarray(sequence_numbers))


def _link_states(parents, labels, lengths, ends, sequence_numbers):
    """Return the arrays of an automaton whose states are numbered by length."""
    cdef Py_ssize_t states = len(lengths), size = 16, index
    cdef int32_t back, at
    while 2 * size < 3 * (states + 1):
        size *= 2
    keys, targets = np.zeros(size, np.uint64), np.zeros(size, np.int32)
    fallback, shorter = np.zeros(states, np.int32), np.zeros(states, np.int32)
    by_state = np.argsort(ends, kind="stable")
    first = np.zeros(states + 1, np.int32)
    np.cumsum(np.bincount(ends, minlength=states), out=first[1:])
    cdef uint64_t[::1] keys_view = keys
    cdef int32_t[::1] targets_view = targets, fallback_view = fallback, shorter_view = shorter
    cdef int32_t[::1] parent = parents, label = labels, first_view = first
    for index in range(1, states):
        _insert(&keys_view[0], &targets_view[0], size - 1, parent[index], label[index], <int32_t>index)
    for index in range(1, states):
        if parent[index] == ROOT:
            continue
        back = parent[index]
        at = ROOT
        while at == ROOT and back != ROOT:
            back = fallback_view[back]
            at = _step(&keys_view[0], &targets_view[0], size - 1, back, label[index])
        fallback_view[index] = at
        shorter_view[index] = at if first_view[at] < first_view[at + 1] else shorter_view[at]
    return {
        "keys": keys, "targets": targets, "fallback": fallback, "shorter": shorter, "lengths": lengths,
        "first": first, "numbers": np.ascontiguousarray(sequence_numbers[by_state], dtype=np.int32),
    }


cdef void _insert(
    uint64_t* keys, int32_t* targets, uint64_t mask, int32_t state, int32_t token, int32_t target
) noexcept nogil:
    cdef uint64_t key = _key(state, token), place = _place(key, mask)
    while keys[place]:
        place = (place + 1) & mask
    keys[place] = key
    targets[place] = target

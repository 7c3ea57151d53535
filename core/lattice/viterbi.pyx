"""Paths through the lattice of a text: the best, the k best, and samples.

``outside`` (N) and ``segments`` (N, K, L) are the log-weights of the steps, as in ``nerture.core.lattice.forward_backward``. A
path is told by its entities, int64 (M, 3): start, end, label.
"""

from libc.math cimport exp, INFINITY
from libc.stdint cimport int32_t, uint64_t

from nerture.core.kernels.hashing cimport DRAWN, key_of, mix64

import numpy as np


cdef inline void keep(double value, int32_t start, int32_t label, int32_t rank, double[::1] weights,
                      int32_t[:, ::1] steps) noexcept nogil:
    """Put a way to a place among the best ones, in order; of equals the first to come stays before."""
    cdef Py_ssize_t place = weights.shape[0] - 1
    while place > 0 and weights[place - 1] < value:
        weights[place] = weights[place - 1]
        steps[place, 0] = steps[place - 1, 0]
        steps[place, 1] = steps[place - 1, 1]
        steps[place, 2] = steps[place - 1, 2]
        place -= 1
    weights[place] = value
    steps[place, 0] = start
    steps[place, 1] = label
    steps[place, 2] = rank


def k_best(const double[::1] outside, const double[:, :, ::1] segments, Py_ssize_t k):
    """Return the k paths of the greatest log-weight, best first: a list of (log-weight, entities).

    There are fewer where the lattice has fewer. Every place keeps the k best ways to it (Viterbi; Huang &
    Chiang 2005, algorithm 0).
    """
    cdef Py_ssize_t length = segments.shape[0]
    cdef Py_ssize_t longest = segments.shape[1]
    cdef Py_ssize_t labels = segments.shape[2]
    weights_array = np.full((length + 1, k), -np.inf)
    steps_array = np.full((length + 1, k, 3), -1, dtype=np.int32)
    cdef double[:, ::1] weights = weights_array
    cdef int32_t[:, :, ::1] steps = steps_array
    cdef Py_ssize_t end, more, label, rank, start
    cdef double value
    weights[0, 0] = 0
    with nogil:
        for end in range(1, length + 1):
            for rank in range(k):
                value = weights[end - 1, rank] + outside[end - 1]
                if not value > weights[end, k - 1]:
                    break
                keep(value, <int32_t> (end - 1), -1, <int32_t> rank, weights[end], steps[end])
            for more in range(min(longest, end)):
                start = end - more - 1
                for label in range(labels):
                    if segments[start, more, label] == -INFINITY:
                        continue
                    for rank in range(k):
                        value = weights[start, rank] + segments[start, more, label]
                        if not value > weights[end, k - 1]:
                            break
                        keep(value, <int32_t> start, <int32_t> label, <int32_t> rank,
                             weights[end], steps[end])
    return [(float(weights_array[length, rank]), trace(steps_array, rank))
            for rank in range(k) if weights_array[length, rank] > -np.inf]


def trace(steps, rank):
    """Return the entities of one of the ways to the last place, followed back to the first."""
    found = []
    end = len(steps) - 1
    while end:
        start, label, rank = steps[end, rank].tolist()
        if label >= 0:
            found.append((start, end, label))
        end = start
    return np.array(found[::-1], dtype=np.int64).reshape(-1, 3)


def sample(const double[::1] outside, const double[:, :, ::1] segments, const double[::1] before,
           uint64_t seed):
    """Draw a path with its probability among all paths; returns its entities.

    ``before`` (N+1) are ``lattice.masses_before``; from the last place on, each step back is drawn with its
    share of the mass that comes to the place.
    """
    cdef Py_ssize_t length = segments.shape[0]
    cdef Py_ssize_t longest = segments.shape[1]
    cdef Py_ssize_t labels = segments.shape[2]
    cdef Py_ssize_t end = length
    cdef Py_ssize_t more, label, start, chosen
    cdef uint64_t key = key_of(seed, DRAWN)
    cdef double left
    found = []
    while end:
        left = (mix64(key + <uint64_t> end) >> 11) * (1.0 / 9007199254740992.0)
        left -= exp(before[end - 1] + outside[end - 1] - before[end])
        start = end - 1
        chosen = -1
        if left >= 0:
            for more in range(min(longest, end)):
                for label in range(labels):
                    if left >= 0 and segments[end - more - 1, more, label] > -INFINITY:
                        start = end - more - 1
                        chosen = label
                        left -= exp(before[start] + segments[start, more, label] - before[end])
        if chosen >= 0:
            found.append((start, end, chosen))
        end = start
    return np.array(found[::-1], dtype=np.int64).reshape(-1, 3)

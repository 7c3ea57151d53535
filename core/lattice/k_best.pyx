"""Paths through the lattice of a text: the best, the k best, and samples.

``outside`` (N) and ``span_scores`` (N, K, L) are the log-weights of the steps, as in ``forward_backward``. A
path is given by its entities, int64 (M, 3): start, end, label.
"""

from libc.math cimport exp, INFINITY
from libc.stdint cimport int32_t, uint64_t

from nerture.core.kernels.hashing cimport DRAWN, make_key, mix64

import numpy as np


cdef inline void insert_sorted(double value, int32_t start, int32_t label, int32_t rank, double[::1] weights,
                               int32_t[:, ::1] steps) noexcept nogil:
    """Insert a path to a position among the best ones, in order; equal ones stay in order of arrival."""
    cdef Py_ssize_t index = weights.shape[0] - 1
    while index > 0 and weights[index - 1] < value:
        weights[index] = weights[index - 1]
        steps[index, 0] = steps[index - 1, 0]
        steps[index, 1] = steps[index - 1, 1]
        steps[index, 2] = steps[index - 1, 2]
        index -= 1
    weights[index] = value
    steps[index, 0] = start
    steps[index, 1] = label
    steps[index, 2] = rank


def k_best(const double[::1] outside, const double[:, :, ::1] span_scores, Py_ssize_t k):
    """Return the k paths of the greatest log-weight, best first: a list of (log-weight, entities).

    There are fewer if the lattice has fewer. The k best paths to every position are kept (Viterbi; Huang &
    Chiang 2005, algorithm 0).
    """
    cdef Py_ssize_t length = span_scores.shape[0]
    cdef Py_ssize_t longest = span_scores.shape[1]
    cdef Py_ssize_t labels = span_scores.shape[2]
    weights_array = np.full((length + 1, k), -np.inf)
    steps_array = np.full((length + 1, k, 3), -1, dtype=np.int32)
    cdef double[:, ::1] weights = weights_array
    cdef int32_t[:, :, ::1] steps = steps_array
    cdef Py_ssize_t end, extra, label, rank, start
    cdef double value
    weights[0, 0] = 0
    with nogil:
        for end in range(1, length + 1):
            for rank in range(k):
                value = weights[end - 1, rank] + outside[end - 1]
                if not value > weights[end, k - 1]:
                    break
                insert_sorted(value, <int32_t> (end - 1), -1, <int32_t> rank, weights[end], steps[end])
            for extra in range(min(longest, end)):
                start = end - extra - 1
                for label in range(labels):
                    if span_scores[start, extra, label] == -INFINITY:
                        continue
                    for rank in range(k):
                        value = weights[start, rank] + span_scores[start, extra, label]
                        if not value > weights[end, k - 1]:
                            break
                        insert_sorted(value, <int32_t> start, <int32_t> label, <int32_t> rank,
                                      weights[end], steps[end])
    return [(float(weights_array[length, rank]), trace_back(steps_array, rank))
            for rank in range(k) if weights_array[length, rank] > -np.inf]


def trace_back(steps, rank):
    """Return the entities of the path of this rank to the last position, int64 (M, 3)."""
    entities = []
    end = len(steps) - 1
    while end:
        start, label, rank = steps[end, rank].tolist()
        if label >= 0:
            entities.append((start, end, label))
        end = start
    return np.array(entities[::-1], dtype=np.int64).reshape(-1, 3)


def sample(const double[::1] outside, const double[:, :, ::1] span_scores, const double[::1] forward,
           uint64_t seed):
    """Draw a path with its probability among all paths; return its entities.

    ``forward`` (N+1) are the ``forward_log_masses``; from the last position backwards, each step is drawn
    with its share of the mass of that position.
    """
    cdef Py_ssize_t length = span_scores.shape[0]
    cdef Py_ssize_t longest = span_scores.shape[1]
    cdef Py_ssize_t labels = span_scores.shape[2]
    cdef Py_ssize_t end = length
    cdef Py_ssize_t extra, label, start, chosen
    cdef uint64_t key = make_key(seed, DRAWN)
    cdef double left  # what is left of the uniform random number
    entities = []
    while end:
        left = (mix64(key + <uint64_t> end) >> 11) * (1.0 / 9007199254740992.0)
        left -= exp(forward[end - 1] + outside[end - 1] - forward[end])
        start = end - 1
        chosen = -1
        if left >= 0:
            for extra in range(min(longest, end)):
                for label in range(labels):
                    if left >= 0 and span_scores[end - extra - 1, extra, label] > -INFINITY:
                        start = end - extra - 1
                        chosen = label
                        left -= exp(forward[start] + span_scores[start, extra, label] - forward[end])
        if chosen >= 0:
            entities.append((start, end, chosen))
        end = start
    return np.array(entities[::-1], dtype=np.int64).reshape(-1, 3)

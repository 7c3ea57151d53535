"""Greedy decoding: the best valid action of each state, one after the other."""

from libc.stdint cimport int64_t

from nerture.core.lattice.transitions cimport can_begin, can_continue

import numpy as np

ctypedef fused real:
    float
    double


cdef inline Py_ssize_t best_closed(const real[:, ::1] scores, Py_ssize_t token, Py_ssize_t labels,
                                   bint begin) noexcept nogil:
    """Return the best column of O, B-l, U-l; B-l only if valid."""
    cdef Py_ssize_t column, best = 0
    cdef real highest = scores[token, 0]
    for column in range(1 if begin else 1 + labels, 2 * labels + 1):
        if scores[token, column] > highest:
            best = column
            highest = scores[token, column]
    return best


cdef inline bint prefers_last(const real[:, ::1] slots, const real[:, ::1] weights,
                              const real[::1] bias, Py_ssize_t token, Py_ssize_t start, Py_ssize_t label,
                              Py_ssize_t labels) noexcept nogil:
    """Return True if L-label scores at least as high as I-label in the state (token, start)."""
    cdef Py_ssize_t hidden = weights.shape[0]
    cdef Py_ssize_t size = 2 * hidden
    cdef Py_ssize_t column
    cdef real first, second
    cdef real inside = bias[label]
    cdef real last = bias[labels + label]
    for column in range(hidden):
        first = (slots[token, column] + slots[start, size + column] + slots[token - 1, 2 * size + column])
        second = (slots[token, hidden + column] + slots[start, size + hidden + column]
                  + slots[token - 1, 2 * size + hidden + column])
        if second > first:
            first = second
        inside += first * weights[column, label]
        last += first * weights[column, labels + label]
    return last >= inside


def decode_greedily(const real[:, ::1] closed, const real[:, ::1] slots, const real[:, ::1] weights,
                    const real[::1] bias, const int64_t[::1] bounds, Py_ssize_t longest):
    """Return a batch's spans, int64 (M, 4): text, start, end, label; tokens are counted within their text.

    ``closed`` (N, 2L+1) are the scores of the states in which nothing is open; those of the open states that
    are visited are computed from ``slots`` (N, 3*2H), ``weights`` (H, 2L) and ``bias`` (2L).
    """
    cdef Py_ssize_t labels = (closed.shape[1] - 1) // 2
    cdef Py_ssize_t text, token, action, start, label = 0
    cdef Py_ssize_t count = 0
    cdef Py_ssize_t begin, end
    spans = np.empty((closed.shape[0], 4), dtype=np.int64)
    cdef int64_t[:, ::1] view = spans
    with nogil:
        for text in range(bounds.shape[0] - 1):
            begin = bounds[text]
            end = bounds[text + 1]
            start = -1
            for token in range(begin, end):
                if start < 0:
                    action = best_closed(closed, token, labels,
                                         can_begin(token - begin, end - begin, longest))
                    if action == 0:
                        continue
                    if action <= labels:
                        start = token
                        label = action - 1
                        continue
                    view[count, 1] = token - begin
                    label = action - labels - 1
                elif (can_continue(token - begin, start - begin, end - begin, longest)
                      and not prefers_last(slots, weights, bias, token, start, label, labels)):
                    continue
                else:
                    view[count, 1] = start - begin
                    start = -1
                view[count, 0] = text
                view[count, 2] = token + 1 - begin
                view[count, 3] = label
                count += 1
    return spans[:count]

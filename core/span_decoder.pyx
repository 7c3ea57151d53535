"""Exact probabilities of spans in one pass from left to right, over only the states that matter.

Probabilities are locally normalised, so what comes after a span has no say in it: P(span) is the probability
of coming to its first token with nothing open, times that of its actions. Open states are scored only where
their probability is not negligible; what is left out is counted, and stays below a budget for each text.
"""

from libc.math cimport exp
from libc.stdint cimport int64_t, uint8_t

from nerture.core.transitions cimport can_begin, can_continue

import numpy as np

ctypedef fused real:
    float
    double


cdef struct Opened:
    # an entity that is open: its first token (of the batch), its label, the probability of the state
    Py_ssize_t start
    Py_ssize_t label
    double mass


cdef inline void open_hidden(const real[:, ::1] slots, Py_ssize_t token, Py_ssize_t start,
                             real[::1] hidden) noexcept nogil:
    """Write the hidden layer (H) of the state (token, start): maxout over two pieces of three slots."""
    cdef Py_ssize_t width = hidden.shape[0]
    cdef Py_ssize_t size = 2 * width
    cdef Py_ssize_t column
    cdef real first, second
    for column in range(width):
        first = (slots[token, column] + slots[start, size + column] + slots[token - 1, 2 * size + column])
        second = (slots[token, width + column] + slots[start, size + width + column]
                  + slots[token - 1, 2 * size + width + column])
        hidden[column] = second if second > first else first


cdef inline double share_of_last(const real[::1] hidden, const real[:, ::1] differences,
                                 const real[::1] bias, Py_ssize_t label, double temperature) noexcept nogil:
    """Return the probability of L-label, against I-label."""
    cdef Py_ssize_t column
    cdef real score = bias[label]
    for column in range(hidden.shape[0]):
        score += hidden[column] * differences[label, column]
    return 1 / (1 + exp(-score / temperature))


def probable_spans(const real[:, ::1] closed, const real[:, ::1] slots, const real[:, ::1] weights,
                   const real[::1] bias, const int64_t[::1] bounds, Py_ssize_t longest, double least,
                   const uint8_t[::1] named, double budget=1e-3, double temperature=1.0):
    """Return the spans of a batch that have a probability of ``least`` or more.

    These are: spans, int64 (M, 4): text, start, end, label, tokens counted within their text, in order of
    their end; their probabilities, float64 (M); what was lost in each text, float64 (T): a span's probability
    is at least the one returned, and at most that much greater; and the probability that nothing is open
    before each token, float64 (N). Spans that begin at a token that is ``named`` (N) are never left out.

    ``closed`` (N, 2L+1) are the scores where nothing is open; those of open states come from ``slots`` (N,
    3*2H), ``weights`` (H, 2L) and ``bias`` (2L). All are divided by ``temperature``.
    """
    cdef Py_ssize_t labels = (closed.shape[1] - 1) // 2
    cdef Py_ssize_t text, token, column, label, place, kept, count = 0, scored
    cdef Py_ssize_t begin, end
    cdef double here, after, highest, total, mass, last, allowed, dropped
    cdef bint more
    both = np.asarray(weights)
    cdef const real[:, ::1] differences = np.ascontiguousarray((both[:, labels:] - both[:, :labels]).T)
    offsets = np.asarray(bias)
    cdef const real[::1] difference_bias = offsets[labels:] - offsets[:labels]
    cdef real[::1] hidden = np.empty(weights.shape[0], dtype=both.dtype)
    cdef double[::1] shares = np.empty(2 * labels + 1)
    # at most longest * labels entities are open at once, and each token ends at most so many
    opened_array = np.empty((longest * labels + labels) * sizeof(Opened), dtype=np.uint8)
    cdef uint8_t[::1] opened_bytes = opened_array
    cdef Opened* opened = <Opened*> &opened_bytes[0]
    cdef Py_ssize_t capacity = closed.shape[0] + longest * labels + labels
    spans_array = np.empty((capacity, 4), dtype=np.int64)
    masses_array = np.empty(capacity)
    lost_array = np.zeros(bounds.shape[0] - 1)
    nothing_open_array = np.empty(closed.shape[0])
    cdef int64_t[:, ::1] spans = spans_array
    cdef double[::1] masses = masses_array
    cdef double[::1] lost = lost_array
    cdef double[::1] nothing_open = nothing_open_array
    for text in range(bounds.shape[0] - 1):
        begin = bounds[text]
        end = bounds[text + 1]
        kept = 0
        here = 1
        dropped = 0
        for token in range(begin, end):
            if capacity - count < longest * labels + labels:
                capacity *= 2
                spans_array = np.concatenate([spans_array, np.empty_like(spans_array)])[:capacity]
                masses_array = np.concatenate([masses_array, np.empty_like(masses_array)])[:capacity]
                spans = spans_array
                masses = masses_array
            with nogil:
                nothing_open[token] = here
                allowed = budget * (token + 1 - begin) / (end - begin)
                after = 0
                place = 0
                scored = -1
                for column in range(kept):
                    mass = opened[column].mass
                    label = opened[column].label
                    more = can_continue(token - begin, opened[column].start - begin, end - begin, longest)
                    last = 1
                    if more:
                        if scored != opened[column].start:
                            scored = opened[column].start
                            open_hidden(slots, token, scored, hidden)
                        last = share_of_last(hidden, differences, difference_bias, label, temperature)
                    after += mass * last
                    if mass * last >= least or named[opened[column].start]:
                        spans[count, 0] = text
                        spans[count, 1] = opened[column].start - begin
                        spans[count, 2] = token + 1 - begin
                        spans[count, 3] = label
                        masses[count] = mass * last
                        count += 1
                    mass -= mass * last
                    if not more:
                        continue
                    if dropped + mass <= allowed and not named[opened[column].start]:
                        dropped += mass
                        continue
                    opened[place].start = opened[column].start
                    opened[place].label = label
                    opened[place].mass = mass
                    place += 1
                kept = place
                more = can_begin(token - begin, end - begin, longest)
                highest = closed[token, 0]
                for column in range(1 if more else 1 + labels, 2 * labels + 1):
                    highest = closed[token, column] if closed[token, column] > highest else highest
                total = 0
                for column in range(2 * labels + 1):
                    shares[column] = 0
                    if column == 0 or column > labels or more:
                        shares[column] = exp((closed[token, column] - highest) / temperature)
                        total += shares[column]
                total = here / total
                after += shares[0] * total
                for label in range(labels):
                    mass = shares[1 + labels + label] * total
                    after += mass
                    if mass >= least or named[token]:
                        spans[count, 0] = text
                        spans[count, 1] = token - begin
                        spans[count, 2] = token + 1 - begin
                        spans[count, 3] = label
                        masses[count] = mass
                        count += 1
                    if not more:
                        continue
                    mass = shares[1 + label] * total
                    if dropped + mass <= allowed and not named[token]:
                        dropped += mass
                        continue
                    opened[kept].start = token
                    opened[kept].label = label
                    opened[kept].mass = mass
                    kept += 1
                here = after
        lost[text] = dropped
    return spans_array[:count], masses_array[:count], lost_array, nothing_open_array

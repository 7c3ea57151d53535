"""The lattice of all derivations of a text, exactly: masses, marginals, and how often each action is taken.

States with the same current token and the same first token of the open entity merge (Huang & Sagae 2010):
a derivation is then a path over the places between tokens whose steps are an outside token (O) or an entity:
a segment, made of U or of B, I.., L. A lattice is given by the log-weights of these steps: ``outside`` (N),
and ``segments`` (N, K, L), where entry (s, m, l) is the entity of tokens [s, s + m + 1) with label l; minus
infinity stands for a step that cannot be taken. N tokens of a text, K tokens of an entity at most, L labels.

Everything is computed in log space and float64. The algorithms are those of semi-Markov models (Sarawagi &
Cohen 2004); the weights here come from a locally normalised model, so that the mass of all paths is 1.
"""

from libc.math cimport exp, INFINITY, log, log1p

from nerture.core.lattice.transitions cimport can_begin, can_continue

import numpy as np

ctypedef fused real:
    float
    double


cdef inline double softplus(double value) noexcept nogil:
    """Return log(1 + exp(value)) without overflow."""
    return value + log1p(exp(-value)) if value > 0 else log1p(exp(value))


def log_probabilities(const real[:, ::1] closed, const real[:, :, ::1] open_, double temperature=1.0):
    """Return the log-probability of each action of one text: float64 (N, 2L+1) and (N, K-1, 2L).

    ``closed`` and ``open_`` are scores in the columns of ``Scores``; they are divided by ``temperature`` and
    normalised over the valid actions of their state. An invalid action, and any action of a state that does
    not exist, gets minus infinity.
    """
    cdef Py_ssize_t length = closed.shape[0]
    cdef Py_ssize_t labels = (closed.shape[1] - 1) // 2
    cdef Py_ssize_t longest = open_.shape[1] + 1
    closed_array = np.full((length, 2 * labels + 1), -np.inf)
    open_array = np.full((length, longest - 1, 2 * labels), -np.inf)
    cdef double[:, ::1] log_closed = closed_array
    cdef double[:, :, ::1] log_open = open_array
    cdef Py_ssize_t token, back, column, label
    cdef double highest, total, difference
    cdef bint begin
    with nogil:
        for token in range(length):
            begin = can_begin(token, length, longest)
            highest = closed[token, 0]
            for column in range(1 if begin else 1 + labels, 2 * labels + 1):
                if closed[token, column] > highest:
                    highest = closed[token, column]
            total = exp((closed[token, 0] - highest) / temperature)
            for column in range(1 if begin else 1 + labels, 2 * labels + 1):
                total += exp((closed[token, column] - highest) / temperature)
            total = log(total)
            log_closed[token, 0] = (closed[token, 0] - highest) / temperature - total
            for column in range(1 if begin else 1 + labels, 2 * labels + 1):
                log_closed[token, column] = (closed[token, column] - highest) / temperature - total
            for back in range(1, min(longest, token + 1)):
                if not can_continue(token, token - back, length, longest):
                    for label in range(labels):
                        log_open[token, back - 1, labels + label] = 0
                    continue
                for label in range(labels):
                    difference = (<double> open_[token, back - 1, labels + label]
                                  - open_[token, back - 1, label]) / temperature
                    log_open[token, back - 1, label] = -softplus(difference)
                    log_open[token, back - 1, labels + label] = -softplus(-difference)
    return closed_array, open_array


def log_weights(const double[:, ::1] log_closed, const double[:, :, ::1] log_open):
    """Return the lattice of one text: the sums of the actions' log-probabilities, (outside, segments)."""
    cdef Py_ssize_t length = log_closed.shape[0]
    cdef Py_ssize_t labels = (log_closed.shape[1] - 1) // 2
    cdef Py_ssize_t longest = log_open.shape[1] + 1
    segments_array = np.full((length, longest, labels), -np.inf)
    cdef double[:, :, ::1] segments = segments_array
    cdef Py_ssize_t start, more, label
    cdef double opened
    with nogil:
        for start in range(length):
            for label in range(labels):
                segments[start, 0, label] = log_closed[start, 1 + labels + label]
                opened = log_closed[start, 1 + label]
                for more in range(1, min(longest, length - start)):
                    segments[start, more, label] = opened + log_open[start + more, more - 1, labels + label]
                    opened += log_open[start + more, more - 1, label]
    return np.array(log_closed[:, 0]), segments_array


def masses_before(const double[::1] outside, const double[:, :, ::1] segments):
    """Return the log-mass of all ways to come to each place, float64 (N+1): the forward pass."""
    cdef Py_ssize_t length = segments.shape[0]
    cdef Py_ssize_t longest = segments.shape[1]
    cdef Py_ssize_t labels = segments.shape[2]
    array = np.full(length + 1, -np.inf)
    cdef double[::1] before = array
    cdef Py_ssize_t end, more, label
    cdef double highest, total, value
    before[0] = 0
    with nogil:
        for end in range(1, length + 1):
            highest = before[end - 1] + outside[end - 1]
            for more in range(min(longest, end)):
                for label in range(labels):
                    value = before[end - more - 1] + segments[end - more - 1, more, label]
                    highest = value if value > highest else highest
            if highest == -INFINITY:
                continue
            total = exp(before[end - 1] + outside[end - 1] - highest)
            for more in range(min(longest, end)):
                for label in range(labels):
                    value = before[end - more - 1] + segments[end - more - 1, more, label] - highest
                    if value > -50:
                        total += exp(value)
            before[end] = highest + log(total)
    return array


def masses_after(const double[::1] outside, const double[:, :, ::1] segments):
    """Return the log-mass of all ways from each place to the end, float64 (N+1): the backward pass."""
    cdef Py_ssize_t length = segments.shape[0]
    cdef Py_ssize_t longest = segments.shape[1]
    cdef Py_ssize_t labels = segments.shape[2]
    array = np.full(length + 1, -np.inf)
    cdef double[::1] after = array
    cdef Py_ssize_t start, more, label
    cdef double highest, total, value
    after[length] = 0
    with nogil:
        for start in range(length - 1, -1, -1):
            highest = outside[start] + after[start + 1]
            for more in range(min(longest, length - start)):
                for label in range(labels):
                    value = segments[start, more, label] + after[start + more + 1]
                    highest = value if value > highest else highest
            if highest == -INFINITY:
                continue
            total = exp(outside[start] + after[start + 1] - highest)
            for more in range(min(longest, length - start)):
                for label in range(labels):
                    value = segments[start, more, label] + after[start + more + 1] - highest
                    if value > -50:
                        total += exp(value)
            after[start] = highest + log(total)
    return array


def marginals(const double[::1] outside, const double[:, :, ::1] segments,
              const double[::1] before, const double[::1] after):
    """Return the probability of each step among all paths, (N) and (N, K, L); the mass must be finite."""
    cdef Py_ssize_t length = segments.shape[0]
    cdef Py_ssize_t longest = segments.shape[1]
    cdef Py_ssize_t labels = segments.shape[2]
    outside_array = np.zeros(length)
    segments_array = np.zeros((length, longest, labels))
    cdef double[::1] outside_share = outside_array
    cdef double[:, :, ::1] segment_share = segments_array
    cdef Py_ssize_t start, more, label
    cdef double mass = before[length]
    cdef double value
    with nogil:
        for start in range(length):
            value = before[start] - mass
            if value == -INFINITY:
                continue
            outside_share[start] = exp(value + outside[start] + after[start + 1])
            for more in range(min(longest, length - start)):
                for label in range(labels):
                    segment_share[start, more, label] = exp(
                        value + segments[start, more, label] + after[start + more + 1])
    return outside_array, segments_array


def action_shares(const double[::1] outside_share, const double[:, :, ::1] segment_share):
    """Return how often each action is taken, (N, 2L+1) and (N, K-1, 2L), given the marginals of all steps.

    The sum over the actions of a state is the probability of visiting it.
    """
    cdef Py_ssize_t length = segment_share.shape[0]
    cdef Py_ssize_t longest = segment_share.shape[1]
    cdef Py_ssize_t labels = segment_share.shape[2]
    closed_array = np.zeros((length, 2 * labels + 1))
    open_array = np.zeros((length, longest - 1, 2 * labels))
    cdef double[:, ::1] closed = closed_array
    cdef double[:, :, ::1] open_ = open_array
    cdef Py_ssize_t start, more, label
    cdef double longer
    with nogil:
        for start in range(length):
            closed[start, 0] = outside_share[start]
            for label in range(labels):
                closed[start, 1 + labels + label] = segment_share[start, 0, label]
                longer = 0
                for more in range(min(longest, length - start) - 1, 0, -1):
                    open_[start + more, more - 1, label] = longer
                    open_[start + more, more - 1, labels + label] = segment_share[start, more, label]
                    longer += segment_share[start, more, label]
                closed[start, 1 + label] = longer
    return closed_array, open_array

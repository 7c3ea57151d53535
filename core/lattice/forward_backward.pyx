"""The lattice of all derivations of a text, exactly: log-masses, marginals, expected action counts.

States with the same current token and the same first token of the open entity merge (Huang & Sagae 2010): a
derivation is then a path over the positions between tokens, from 0 to N, whose steps are an outside token
(O) or a whole entity (U, or B I.. L). A lattice is given by the log-weights of these steps: ``outside`` (N),
and ``span_scores`` (N, K, L), where entry (s, m, l) is the entity of tokens [s, s + m + 1) with label l; so
m, called ``extra`` below, counts the tokens after the first. Minus infinity stands for a step that cannot be
taken. N tokens of a text, K tokens of an entity at most, L labels.

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
    """Return the lattice of one text, (outside, span_scores): sums of the actions' log-probabilities."""
    cdef Py_ssize_t length = log_closed.shape[0]
    cdef Py_ssize_t labels = (log_closed.shape[1] - 1) // 2
    cdef Py_ssize_t longest = log_open.shape[1] + 1
    spans_array = np.full((length, longest, labels), -np.inf)
    cdef double[:, :, ::1] span_scores = spans_array
    cdef Py_ssize_t start, extra, label
    cdef double opened
    with nogil:
        for start in range(length):
            for label in range(labels):
                span_scores[start, 0, label] = log_closed[start, 1 + labels + label]
                opened = log_closed[start, 1 + label]
                for extra in range(1, min(longest, length - start)):
                    span_scores[start, extra, label] = (
                        opened + log_open[start + extra, extra - 1, labels + label])
                    opened += log_open[start + extra, extra - 1, label]
    return np.array(log_closed[:, 0]), spans_array


def forward_log_masses(const double[::1] outside, const double[:, :, ::1] span_scores):
    """Return the log-mass of all paths from the start to each position, float64 (N+1)."""
    cdef Py_ssize_t length = span_scores.shape[0]
    cdef Py_ssize_t longest = span_scores.shape[1]
    cdef Py_ssize_t labels = span_scores.shape[2]
    array = np.full(length + 1, -np.inf)
    cdef double[::1] forward = array
    cdef Py_ssize_t end, extra, label
    cdef double highest, total, value
    forward[0] = 0
    with nogil:
        for end in range(1, length + 1):
            highest = forward[end - 1] + outside[end - 1]
            for extra in range(min(longest, end)):
                for label in range(labels):
                    value = forward[end - extra - 1] + span_scores[end - extra - 1, extra, label]
                    highest = value if value > highest else highest
            if highest == -INFINITY:
                continue
            total = exp(forward[end - 1] + outside[end - 1] - highest)
            for extra in range(min(longest, end)):
                for label in range(labels):
                    value = forward[end - extra - 1] + span_scores[end - extra - 1, extra, label] - highest
                    if value > -50:
                        total += exp(value)
            forward[end] = highest + log(total)
    return array


def backward_log_masses(const double[::1] outside, const double[:, :, ::1] span_scores):
    """Return the log-mass of all paths from each position to the end, float64 (N+1)."""
    cdef Py_ssize_t length = span_scores.shape[0]
    cdef Py_ssize_t longest = span_scores.shape[1]
    cdef Py_ssize_t labels = span_scores.shape[2]
    array = np.full(length + 1, -np.inf)
    cdef double[::1] backward = array
    cdef Py_ssize_t start, extra, label
    cdef double highest, total, value
    backward[length] = 0
    with nogil:
        for start in range(length - 1, -1, -1):
            highest = outside[start] + backward[start + 1]
            for extra in range(min(longest, length - start)):
                for label in range(labels):
                    value = span_scores[start, extra, label] + backward[start + extra + 1]
                    highest = value if value > highest else highest
            if highest == -INFINITY:
                continue
            total = exp(outside[start] + backward[start + 1] - highest)
            for extra in range(min(longest, length - start)):
                for label in range(labels):
                    value = span_scores[start, extra, label] + backward[start + extra + 1] - highest
                    if value > -50:
                        total += exp(value)
            backward[start] = highest + log(total)
    return array


def marginals(const double[::1] outside, const double[:, :, ::1] span_scores,
              const double[::1] forward, const double[::1] backward):
    """Return the probability of each step, (N) and (N, K, L), given the forward and backward log-masses.

    The total log-mass must be finite.
    """
    cdef Py_ssize_t length = span_scores.shape[0]
    cdef Py_ssize_t longest = span_scores.shape[1]
    cdef Py_ssize_t labels = span_scores.shape[2]
    outside_array = np.zeros(length)
    spans_array = np.zeros((length, longest, labels))
    cdef double[::1] outside_share = outside_array
    cdef double[:, :, ::1] span_share = spans_array
    cdef Py_ssize_t start, extra, label
    cdef double mass = forward[length]
    cdef double value
    with nogil:
        for start in range(length):
            value = forward[start] - mass
            if value == -INFINITY:
                continue
            outside_share[start] = exp(value + outside[start] + backward[start + 1])
            for extra in range(min(longest, length - start)):
                for label in range(labels):
                    span_share[start, extra, label] = exp(
                        value + span_scores[start, extra, label] + backward[start + extra + 1])
    return outside_array, spans_array


def action_shares(const double[::1] outside_share, const double[:, :, ::1] span_share):
    """Return the expected count of each action, (N, 2L+1) and (N, K-1, 2L), given the marginals of all steps.

    The sum over the actions of a state is the probability of visiting it.
    """
    cdef Py_ssize_t length = span_share.shape[0]
    cdef Py_ssize_t longest = span_share.shape[1]
    cdef Py_ssize_t labels = span_share.shape[2]
    closed_array = np.zeros((length, 2 * labels + 1))
    open_array = np.zeros((length, longest - 1, 2 * labels))
    cdef double[:, ::1] closed = closed_array
    cdef double[:, :, ::1] open_ = open_array
    cdef Py_ssize_t start, extra, label
    cdef double longer
    with nogil:
        for start in range(length):
            closed[start, 0] = outside_share[start]
            for label in range(labels):
                closed[start, 1 + labels + label] = span_share[start, 0, label]
                longer = 0
                for extra in range(min(longest, length - start) - 1, 0, -1):
                    open_[start + extra, extra - 1, label] = longer
                    open_[start + extra, extra - 1, labels + label] = span_share[start, extra, label]
                    longer += span_share[start, extra, label]
                closed[start, 1 + label] = longer
    return closed_array, open_array

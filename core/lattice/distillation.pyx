"""Distillation: a teacher's expected action counts, and a student's cross-entropy with them.

A teacher is given by the probabilities of its spans. They determine a distribution over derivations: the
Markov chain over the states (token, first token of the open entity, its label) whose spans have these
probabilities, which is the teacher's own distribution if that is one of the lattice. Everything needed here
is linear in them: nothing is open before token i with probability A[i] = 1 - sum of P(s, e, l) over
s < i < e; the share of B-l is the sum of P(i, e, l) over e > i + 1, that of U-l is P(i, i + 1, l), that of O
the rest of A[i]; where an l is open since s, the share of L-l is P(s, i + 1, l), that of I-l the sum of
P(s, e, l) over e > i + 1.
"""

from libc.math cimport exp, fabs, log, log1p
from libc.stdint cimport int32_t

from nerture.core.lattice.transitions cimport can_begin, can_continue

import numpy as np

ctypedef fused real:
    float
    double


def teacher_shares(const int32_t[:, ::1] spans, const float[::1] probabilities, Py_ssize_t length,
                   Py_ssize_t longest, Py_ssize_t labels):
    """Return the teacher's expected count of each action, float64 (N, 2L+1) and (N, K-1, 2L).

    ``spans`` (M, 3) are start, end and label, within the ``length`` tokens of the text and below ``labels``;
    several rows for one span add up. The actions of a state sum to the probability that the teacher visits
    it. Spans of more than ``longest`` tokens are left out entirely: the student's lattice cannot represent
    them, so the states within them get no share. Where the probabilities leave nothing for O, it gets 0.
    """
    cdef Py_ssize_t count = spans.shape[0]
    closed_array = np.zeros((length, 2 * labels + 1))
    open_array = np.zeros((length, longest - 1, 2 * labels))
    crossed_array = np.zeros(length + 1)
    cdef double[:, ::1] closed = closed_array
    cdef double[:, :, ::1] open_ = open_array
    cdef double[::1] crossed = crossed_array
    cdef Py_ssize_t row, start, end, label, token
    cdef double share, over = 0
    with nogil:
        for row in range(count):
            start, end, label, share = spans[row, 0], spans[row, 1], spans[row, 2], probabilities[row]
            closed[start, 0] -= share
            crossed[start + 1] += share
            crossed[end] -= share
            if end - start > longest:
                continue
            if end - start == 1:
                closed[start, 1 + labels + label] += share
                continue
            closed[start, 1 + label] += share
            for token in range(start + 1, end - 1):
                open_[token, token - start - 1, label] += share
            open_[end - 1, end - start - 2, labels + label] += share
        for token in range(length):
            over += crossed[token]
            closed[token, 0] = max(0.0, 1 - over + closed[token, 0])
    return closed_array, open_array


cdef inline bint competes(Py_ssize_t column, Py_ssize_t labels, bint begin,
                          const unsigned char[::1] known) noexcept nogil:
    """Return True if an action other than O is valid where nothing is open and has a known label."""
    return known[(column - 1) % labels] and (begin or column > labels)


def cross_entropy(const real[:, ::1] closed_scores, const real[:, :, ::1] open_scores,
                  const double[:, ::1] closed_shares, const double[:, :, ::1] open_shares,
                  const unsigned char[::1] known, double weight,
                  real[:, ::1] d_closed, real[:, :, ::1] d_open):
    """Return the cross-entropy of the student's derivations with the teacher's, for one text.

    It is the sum over all states of - sum over a of share(a) log p(a), times ``weight``. The student's p is
    normalised over the valid actions of the labels that the teacher knows (``known``, uint8 (L)), so that the
    other labels are not affected. Scores, and their gradients, which are written to ``d_closed`` and
    ``d_open``, are (N, 2L+1) and (N, K-1, 2L); an action with a positive share must be valid and have a known
    label.
    """
    cdef Py_ssize_t length = closed_scores.shape[0]
    cdef Py_ssize_t labels = (closed_scores.shape[1] - 1) // 2
    cdef Py_ssize_t longest = open_scores.shape[1] + 1
    cdef double[::1] chances = np.empty(2 * labels + 1)
    cdef Py_ssize_t token, back, column, label
    cdef double loss = 0, highest, total, visited, going, ending, difference, chance
    cdef bint begin
    with nogil:
        for token in range(length):
            begin = can_begin(token, length, longest)
            visited = closed_shares[token, 0]
            highest = closed_scores[token, 0]
            for column in range(1, 2 * labels + 1):
                visited += closed_shares[token, column]
                if competes(column, labels, begin, known) and closed_scores[token, column] > highest:
                    highest = closed_scores[token, column]
            if visited > 0:
                total = chances[0] = exp(closed_scores[token, 0] - highest)
                for column in range(1, 2 * labels + 1):
                    chances[column] = 0
                    if competes(column, labels, begin, known):
                        chances[column] = exp(closed_scores[token, column] - highest)
                        total += chances[column]
                for column in range(2 * labels + 1):
                    if closed_shares[token, column] > 0:
                        loss += closed_shares[token, column] * (
                            log(total) + highest - closed_scores[token, column])
                    d_closed[token, column] = <real> (
                        weight * (visited * chances[column] / total - closed_shares[token, column]))
            for back in range(1, min(longest, token + 1)):
                if not can_continue(token, token - back, length, longest):
                    continue  # L is the only valid action
                for label in range(labels):
                    going = open_shares[token, back - 1, label]
                    ending = open_shares[token, back - 1, labels + label]
                    visited = going + ending
                    if visited == 0:
                        continue
                    difference = (<double> open_scores[token, back - 1, labels + label]
                                  - open_scores[token, back - 1, label])
                    # -log p of the more probable of the two is log1p(exp(-|difference|))
                    total = exp(-fabs(difference))
                    chance = (1 if difference > 0 else total) / (1 + total)
                    loss += visited * log1p(total) + (going if difference > 0 else -ending) * difference
                    d_open[token, back - 1, labels + label] = <real> (weight * (visited * chance - ending))
                    d_open[token, back - 1, label] = <real> (weight * (ending - visited * chance))
    return weight * loss

"""The dynamic oracle: the cost of each action, given what is known about a text, and imitation learning.

The loss of a derivation is the number of known spans that it misses plus the number of its spans that are
known to be wrong. The cost of an action in a state is the minimal loss of the derivations that take it, minus
that of the best action: an exact lookahead by dynamic programming from the end of the text, so that all
knowledge (complete or not, rejected spans, outside tokens) is charged where the mistake is made. Goldberg &
Nivre 2012 (dynamic oracles).
"""

from libc.math cimport exp, log
from libc.stdint cimport int8_t, int32_t, uint64_t

from nerture.core.kernels.hashing cimport EXPLORED, make_key, mix64
from nerture.core.lattice.transitions cimport can_begin, can_continue

import numpy as np

ctypedef fused real:
    float
    double


def span_costs(Py_ssize_t length, Py_ssize_t longest, complete, spans, rejected, outside):
    """Return the cost of each possible span, int8 (length, longest, L): -1 right, 1 wrong, 0 unknown.

    Entry (s, m, l) is the span of tokens [s, s + m + 1) with label l. ``complete`` (L) marks the labels all
    of whose entities are known; ``spans`` and ``rejected`` are (M, 3) rows of start, end, label; ``outside``
    are tokens that no entity covers.
    """
    labels = len(complete)
    costs = np.empty((length, longest, labels), dtype=np.int8)
    costs[:] = np.asarray(complete, dtype=np.int8)
    for token in outside:
        for start in range(max(0, token - longest + 1), token + 1):
            costs[start, token - start:] = 1
    for start, end, label in rejected:
        if end - start <= longest:
            costs[start, end - start - 1, label] = 1
    for start, end, label in spans:
        if end - start <= longest:
            costs[start, end - start - 1, label] = -1
    return costs


def costs_to_go(const int8_t[:, :, ::1] costs):
    """Return the remaining loss of the best derivation from each state: (closed, open).

    ``closed`` int32 (length + 1): nothing is open before the token. ``open`` int32 (length, longest, L):
    entry (i, k, l): at token i an l is open that began k tokens back (k >= 1). Each right span counts -1, so
    that only differences are meaningful.
    """
    cdef Py_ssize_t length = costs.shape[0]
    cdef Py_ssize_t longest = costs.shape[1]
    cdef Py_ssize_t labels = costs.shape[2]
    closed_array = np.zeros(length + 1, dtype=np.int32)
    open_array = np.zeros((length, longest, labels), dtype=np.int32)
    cdef int32_t[::1] closed = closed_array
    cdef int32_t[:, :, ::1] open_ = open_array
    cdef Py_ssize_t token, back, label
    cdef int32_t best, alternative
    with nogil:
        for token in range(length - 1, -1, -1):
            for back in range(1, min(longest, token + 1)):
                for label in range(labels):
                    best = costs[token - back, back, label] + closed[token + 1]
                    if can_continue(token, token - back, length, longest):
                        alternative = open_[token + 1, back + 1, label]
                        best = alternative if alternative < best else best
                    open_[token, back, label] = best
            best = closed[token + 1]
            for label in range(labels):
                alternative = costs[token, 0, label] + closed[token + 1]
                best = alternative if alternative < best else best
                if can_begin(token, length, longest):
                    alternative = open_[token + 1, 1, label]
                    best = alternative if alternative < best else best
            closed[token] = best
    return closed_array, open_array


cdef inline void closed_costs(const int8_t[:, :, ::1] costs, const int32_t[::1] closed,
                              const int32_t[:, :, ::1] open_, Py_ssize_t token,
                              int32_t[::1] out) noexcept nogil:
    """Write the costs of O, B-l, U-l (2L+1); -1 where the action is not valid."""
    cdef Py_ssize_t length = costs.shape[0]
    cdef Py_ssize_t longest = costs.shape[1]
    cdef Py_ssize_t labels = costs.shape[2]
    cdef Py_ssize_t label
    cdef int32_t least = closed[token]
    out[0] = closed[token + 1] - least
    for label in range(labels):
        out[1 + label] = open_[token + 1, 1, label] - least if can_begin(token, length, longest) else -1
        out[1 + labels + label] = costs[token, 0, label] + closed[token + 1] - least


cdef inline void open_costs(const int8_t[:, :, ::1] costs, const int32_t[::1] closed,
                            const int32_t[:, :, ::1] open_, Py_ssize_t token, Py_ssize_t back,
                            Py_ssize_t label, int32_t[::1] out) noexcept nogil:
    """Write the costs of I-l, L-l; -1 where the action is not valid."""
    cdef Py_ssize_t length = costs.shape[0]
    cdef Py_ssize_t longest = costs.shape[1]
    cdef int32_t least = open_[token, back, label]
    out[0] = -1
    if can_continue(token, token - back, length, longest):
        out[0] = open_[token + 1, back + 1, label] - least
    out[1] = costs[token - back, back, label] + closed[token + 1] - least


def action_costs(const int8_t[:, :, ::1] costs, Py_ssize_t token, Py_ssize_t back, Py_ssize_t label):
    """Return the costs of the valid actions of one state: {action column: cost}.

    If ``back`` is 0, nothing is open, and the columns are O, B-l, U-l (2L+1); otherwise an entity of
    ``label`` began ``back`` tokens earlier, and column 0 is I-label, column 1 L-label.
    """
    closed, open_ = costs_to_go(costs)
    size = 2 * costs.shape[2] + 1
    out = np.empty(size, dtype=np.int32)
    if back:
        open_costs(costs, closed, open_, token, back, label, out)
        size = 2
    else:
        closed_costs(costs, closed, open_, token, out)
    return {column: int(out[column]) for column in range(size) if out[column] >= 0}


cdef double step_loss(const double[::1] scores, const int32_t[::1] costs, Py_ssize_t count,
                      double[::1] slopes, Py_ssize_t* guess, Py_ssize_t* right) noexcept nogil:
    """Return -log of the probability of the zero-cost actions.

    Writes its gradient to ``slopes``, the best action to ``guess`` and the best zero-cost one to ``right``.
    """
    cdef Py_ssize_t column
    cdef double highest = 0, total = 0, good = 0, weight
    guess[0] = -1
    right[0] = -1
    for column in range(count):
        if costs[column] < 0:
            continue
        if guess[0] < 0 or scores[column] > scores[guess[0]]:
            guess[0] = column
        if costs[column] == 0 and (right[0] < 0 or scores[column] > scores[right[0]]):
            right[0] = column
    highest = scores[guess[0]]
    for column in range(count):
        slopes[column] = 0
        if costs[column] >= 0:
            weight = exp(scores[column] - highest)
            slopes[column] = weight
            total += weight
    # relative to the best right action, so that a very unlikely one still has a finite gradient
    for column in range(count):
        if costs[column] == 0:
            good += exp(scores[column] - scores[right[0]])
    for column in range(count):
        if costs[column] >= 0:
            slopes[column] /= total
            if costs[column] == 0:
                slopes[column] -= exp(scores[column] - scores[right[0]]) / good
    return log(total) + highest - log(good) - scores[right[0]]


def imitate(const real[:, ::1] closed_scores, const real[:, :, ::1] open_scores,
            const int8_t[:, :, ::1] costs, double explore, uint64_t seed, double weight,
            real[:, ::1] d_closed, real[:, :, ::1] d_open):
    """Follow one text and return the loss: the sum over states of -log P(zero-cost actions).

    With probability ``explore`` the next state is that of the model's best action (so that the model learns
    to recover from its mistakes), else that of the most probable zero-cost action. ``closed_scores`` (n,
    2L+1) and ``open_scores`` (n, K-1, 2L) are the text's scores; their gradients, multiplied by ``weight``,
    are written to ``d_closed`` and ``d_open``. Goldberg & Nivre 2012.
    """
    cdef Py_ssize_t length = costs.shape[0]
    cdef Py_ssize_t labels = costs.shape[2]
    cdef Py_ssize_t token, column, action, guess, right
    cdef Py_ssize_t back = 0, label = 0
    cdef double loss = 0
    cdef uint64_t threshold = <uint64_t>(explore * 4294967296.0)
    cdef uint64_t key = make_key(seed, EXPLORED)
    closed_array, open_array = costs_to_go(costs)
    cdef const int32_t[::1] closed = closed_array
    cdef const int32_t[:, :, ::1] open_ = open_array
    cdef double[::1] scores = np.empty(2 * labels + 1)
    cdef double[::1] slopes = np.empty(2 * labels + 1)
    cdef int32_t[::1] action_cost = np.empty(2 * labels + 1, dtype=np.int32)
    with nogil:
        for token in range(length):
            if back == 0:
                closed_costs(costs, closed, open_, token, action_cost)
                for column in range(2 * labels + 1):
                    scores[column] = closed_scores[token, column]
                loss += step_loss(scores, action_cost, 2 * labels + 1, slopes, &guess, &right)
                for column in range(2 * labels + 1):
                    d_closed[token, column] = <real>(weight * slopes[column])
            else:
                open_costs(costs, closed, open_, token, back, label, action_cost)
                scores[0] = open_scores[token, back - 1, label]
                scores[1] = open_scores[token, back - 1, labels + label]
                loss += step_loss(scores, action_cost, 2, slopes, &guess, &right)
                d_open[token, back - 1, label] = <real>(weight * slopes[0])
                d_open[token, back - 1, labels + label] = <real>(weight * slopes[1])
            action = guess if (mix64(key + <uint64_t>token) >> 32) < threshold else right
            if back == 0:
                if 1 <= action <= labels:
                    label = action - 1
                    back = 1
            elif action == 0:
                back += 1
            else:
                back = 0
    return weight * loss

"""Exact probabilities of spans in one pass from left to right, over only the states that matter.

Probabilities are locally normalised, so what comes after a span has no say in it: P(span) is the probability
of coming to its first token with nothing open, times that of its actions. Open states are scored only where
their probability is not negligible; what is left out is counted, and stays below a budget for each text.
"""

from libc.math cimport exp
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport free, malloc, realloc

from nerture.core.kernels.row_loops cimport product_of
from nerture.core.lattice.transitions cimport can_begin, can_continue

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
                             Py_ssize_t width, real* hidden) noexcept nogil:
    """Write the hidden layer (H) of the state (token, start): maxout over two pieces of three slots."""
    cdef Py_ssize_t size = 2 * width
    cdef Py_ssize_t column
    cdef const real* here = &slots[token, 0]
    cdef const real* opened = &slots[start, size]
    cdef const real* before = &slots[token - 1, 2 * size]
    cdef real first, second
    for column in range(width):
        first = here[column] + opened[column] + before[column]
        second = here[width + column] + opened[width + column] + before[width + column]
        hidden[column] = second if second > first else first


cdef struct Found:
    # a probable span: text, tokens counted within it, label; and its probability
    int64_t text
    int64_t start
    int64_t end
    int64_t label
    double mass


cdef struct FoundList:
    Found* items
    Py_ssize_t count
    Py_ssize_t room


cdef inline bint append(FoundList* found, Py_ssize_t text, Py_ssize_t start, Py_ssize_t end, Py_ssize_t label,
                        double mass) noexcept nogil:
    """Add a span; say whether there was memory for it."""
    cdef void* moved
    cdef Found* item
    if found.count == found.room:
        moved = realloc(found.items, 2 * (found.room + 32) * sizeof(Found))
        if moved == NULL:
            return False
        found.items = <Found*>moved
        found.room = 2 * (found.room + 32)
    item = &found.items[found.count]
    item.text, item.start, item.end, item.label, item.mass = text, start, end, label, mass
    found.count += 1
    return True


cdef void differences(const real[:, ::1] weights, const real[::1] bias, real* last) noexcept nogil:
    """Write how the score of L-label differs from that of I-label: (L, H) weights, then biases (L)."""
    cdef Py_ssize_t labels = bias.shape[0] // 2, width = weights.shape[0]
    cdef Py_ssize_t label, column
    for label in range(labels):
        for column in range(width):
            last[label * width + column] = weights[column, labels + label] - weights[column, label]
        last[labels * width + label] = bias[labels + label] - bias[label]


def probable_spans(const real[:, ::1] closed, const real[:, ::1] slots, const real[:, ::1] weights,
                   const real[::1] bias, const int64_t[::1] bounds, Py_ssize_t longest, double least,
                   const int32_t[:, ::1] wanted=None, double budget=1e-3, double temperature=1.0):
    """Return the spans of a batch that have a probability of ``least`` or more.

    These are: spans, int64 (M, 4): text, start, end, label, tokens counted within their text, in order of
    their end; their probabilities, float64 (M); what was lost in each text, float64 (T): a span's probability
    is at least the one returned, and at most that much greater; and the probability that nothing is open
    before each token, float64 (N). Whatever their probability, spans that are ``wanted``, int32 (N, L), are
    among them: those that begin at a token with a label and end at most where it says, 0 for none.

    ``closed`` (N, 2L+1) are the scores where nothing is open; those of open states come from ``slots`` (N,
    3*2H), ``weights`` (H, 2L) and ``bias`` (2L). All are divided by ``temperature``.
    """
    cdef Py_ssize_t labels = (closed.shape[1] - 1) // 2
    cdef Py_ssize_t texts = bounds.shape[0] - 1
    cdef Py_ssize_t text
    cdef FoundList found
    lost_array = np.zeros(texts)
    nothing_open_array = np.empty(closed.shape[0])
    cdef double[::1] lost = lost_array
    cdef double[::1] nothing_open = nothing_open_array
    # at most longest * labels entities are open at once
    cdef Opened* opened = <Opened*>malloc((longest * labels + labels) * sizeof(Opened))
    cdef double* shares = <double*>malloc((2 * labels + 1) * sizeof(double))
    cdef real* hidden = <real*>malloc(weights.shape[0] * sizeof(real))
    cdef real* last = <real*>malloc(labels * (weights.shape[0] + 1) * sizeof(real))
    cdef bint done = opened != NULL and shares != NULL and hidden != NULL and last != NULL
    cdef const int32_t* ends = NULL
    if wanted is not None:
        if wanted.shape[0] != closed.shape[0] or wanted.shape[1] != labels:
            raise ValueError(f"wanted: found {wanted.shape[0]} by {wanted.shape[1]}, "
                             f"expected are {closed.shape[0]} by {labels}")
        ends = &wanted[0, 0] if wanted.shape[0] else NULL
    found.items, found.count, found.room = NULL, 0, 0
    try:
        with nogil:
            if done:
                differences(weights, bias, last)
            for text in range(texts if done else 0):
                done = done and spans_of_text(
                    closed, slots, last, text, bounds[text], bounds[text + 1], longest, least, ends, budget,
                    temperature, opened, shares, hidden, &found, lost, nothing_open,
                )
        if not done:
            raise MemoryError(f"no memory for the spans of {texts} texts")
        spans_array = np.empty((found.count, 4), dtype=np.int64)
        masses_array = np.empty(found.count)
        fill(found, spans_array, masses_array)
    finally:
        free(opened)
        free(shares)
        free(hidden)
        free(last)
        free(found.items)
    return spans_array, masses_array, lost_array, nothing_open_array


cdef void fill(FoundList found, int64_t[:, ::1] spans, double[::1] masses) noexcept:
    """Copy what was found."""
    cdef Py_ssize_t index
    for index in range(found.count):
        spans[index, 0] = found.items[index].text
        spans[index, 1] = found.items[index].start
        spans[index, 2] = found.items[index].end
        spans[index, 3] = found.items[index].label
        masses[index] = found.items[index].mass


cdef bint spans_of_text(
    const real[:, ::1] closed, const real[:, ::1] slots, const real* last, Py_ssize_t text, Py_ssize_t begin,
    Py_ssize_t end, Py_ssize_t longest, double least, const int32_t* ends, double budget, double temperature,
    Opened* opened, double* shares, real* hidden, FoundList* found, double[::1] lost,
    double[::1] nothing_open,
) noexcept nogil:
    """Go through one text; say whether there was memory for what was found."""
    cdef Py_ssize_t labels = (closed.shape[1] - 1) // 2
    cdef Py_ssize_t width = slots.shape[1] // 6
    cdef Py_ssize_t token, column, label, place, scored, until, kept = 0
    cdef double after, highest, total, mass, share, allowed, here = 1, dropped = 0
    cdef bint more, done = True
    for token in range(begin, end):
        nothing_open[token] = here
        allowed = budget * (token + 1 - begin) / (end - begin)
        after = 0
        place = 0
        scored = -1
        for column in range(kept):
            mass = opened[column].mass
            label = opened[column].label
            more = can_continue(token - begin, opened[column].start - begin, end - begin, longest)
            until = 0 if ends == NULL else ends[opened[column].start * labels + label]
            share = 1  # the probability of L-label, against I-label
            if more:
                if scored != opened[column].start:
                    scored = opened[column].start
                    open_hidden(slots, token, scored, width, hidden)
                share = last[labels * width + label] + product_of(hidden, last + label * width, width)
                share = 1 / (1 + exp(-share / temperature))
            after += mass * share
            if mass * share >= least or token + 1 <= until:
                done = append(found, text, opened[column].start - begin, token + 1 - begin, label,
                              mass * share) and done
            mass -= mass * share
            if not more:
                continue
            if dropped + mass <= allowed and token + 1 >= until:
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
            until = 0 if ends == NULL else ends[token * labels + label]
            mass = shares[1 + labels + label] * total
            after += mass
            if mass >= least or token + 1 <= until:
                done = append(found, text, token - begin, token + 1 - begin, label, mass) and done
            if not more:
                continue
            mass = shares[1 + label] * total
            if dropped + mass <= allowed and token + 1 >= until:
                dropped += mass
                continue
            opened[kept].start = token
            opened[kept].label = label
            opened[kept].mass = mass
            kept += 1
        here = after
    lost[text] = dropped
    return done

"""Exact probabilities of spans in one pass from left to right, over the states that matter.

Probabilities are locally normalised, so P(span) does not depend on what follows the span: it is the
probability of reaching its first token with nothing open, times that of its actions. Open states of
negligible probability are not scored; the probability lost in this way is counted and stays below a budget
for each text.
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
    # a state in which an entity is open
    Py_ssize_t start  # its first token, counted within the batch
    Py_ssize_t label
    double mass       # probability of the state


cdef inline void open_hidden(const real[:, ::1] slots, Py_ssize_t token, Py_ssize_t start,
                             Py_ssize_t width, real* hidden) noexcept nogil:
    """Write the hidden layer (H) of the state (token, start): maxout over two pieces of three slots."""
    cdef Py_ssize_t size = 2 * width
    cdef Py_ssize_t column
    cdef const real* current = &slots[token, 0]
    cdef const real* opened = &slots[start, size]
    cdef const real* previous = &slots[token - 1, 2 * size]
    cdef real first, second
    for column in range(width):
        first = current[column] + opened[column] + previous[column]
        second = current[width + column] + opened[width + column] + previous[width + column]
        hidden[column] = second if second > first else first


cdef struct FoundSpan:
    # a probable span; tokens are counted within its text
    int64_t text
    int64_t start
    int64_t end
    int64_t label
    double mass  # its probability


cdef struct SpanList:
    FoundSpan* items
    Py_ssize_t count
    Py_ssize_t capacity


cdef inline bint append_span(SpanList* spans, Py_ssize_t text, Py_ssize_t start, Py_ssize_t end,
                             Py_ssize_t label, double mass) noexcept nogil:
    """Append a span; return False if there is no memory for it."""
    cdef void* moved
    cdef FoundSpan* item
    if spans.count == spans.capacity:
        moved = realloc(spans.items, 2 * (spans.capacity + 32) * sizeof(FoundSpan))
        if moved == NULL:
            return False
        spans.items = <FoundSpan*>moved
        spans.capacity = 2 * (spans.capacity + 32)
    item = &spans.items[spans.count]
    item.text, item.start, item.end, item.label, item.mass = text, start, end, label, mass
    spans.count += 1
    return True


cdef void subtract_weights(const real[:, ::1] weights, const real[::1] bias, real* last) noexcept nogil:
    """Write the difference between the output weights of L-label and I-label: (L, H), then biases (L)."""
    cdef Py_ssize_t labels = bias.shape[0] // 2, width = weights.shape[0]
    cdef Py_ssize_t label, column
    for label in range(labels):
        for column in range(width):
            last[label * width + column] = weights[column, labels + label] - weights[column, label]
        last[labels * width + label] = bias[labels + label] - bias[label]


def probable_spans(const real[:, ::1] closed, const real[:, ::1] slots, const real[:, ::1] weights,
                   const real[::1] bias, const int64_t[::1] bounds, Py_ssize_t longest, double least,
                   const int32_t[:, ::1] requested=None, double budget=1e-3, double temperature=1.0):
    """Return the spans of a batch that have a probability of ``least`` or more.

    These are: spans, int64 (M, 4): text, start, end, label, in order of their end, tokens counted within
    their text; their probabilities, float64 (M); the probability lost in each text, float64 (T): a span's
    true probability lies between the returned one and that plus this; and the probability that nothing is
    open before each token, float64 (N). Spans that are ``requested``, int32 (N, L), are returned whatever
    their probability: those that begin at a token with a label and end at or before the given token (counted
    within the batch, exclusive; 0: none).

    ``closed`` (N, 2L+1) are the scores of the states in which nothing is open; those of open states are
    computed from ``slots`` (N, 3*2H), ``weights`` (H, 2L) and ``bias`` (2L). All are divided by
    ``temperature``.
    """
    cdef Py_ssize_t labels = (closed.shape[1] - 1) // 2
    cdef Py_ssize_t texts = bounds.shape[0] - 1
    cdef Py_ssize_t text
    cdef SpanList spans
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
    if requested is not None:
        if requested.shape[0] != closed.shape[0] or requested.shape[1] != labels:
            raise ValueError(f"requested: expected {closed.shape[0]} by {labels}, "
                             f"got {requested.shape[0]} by {requested.shape[1]}")
        ends = &requested[0, 0] if requested.shape[0] else NULL
    spans.items, spans.count, spans.capacity = NULL, 0, 0
    try:
        with nogil:
            if done:
                subtract_weights(weights, bias, last)
            for text in range(texts if done else 0):
                done = done and find_spans_of_text(
                    closed, slots, last, text, bounds[text], bounds[text + 1], longest, least, ends, budget,
                    temperature, opened, shares, hidden, &spans, lost, nothing_open,
                )
        if not done:
            raise MemoryError(f"no memory for the spans of {texts} texts")
        spans_array = np.empty((spans.count, 4), dtype=np.int64)
        masses_array = np.empty(spans.count)
        copy_spans(spans, spans_array, masses_array)
    finally:
        free(opened)
        free(shares)
        free(hidden)
        free(last)
        free(spans.items)
    return spans_array, masses_array, lost_array, nothing_open_array


cdef void copy_spans(SpanList spans, int64_t[:, ::1] rows, double[::1] masses) noexcept:
    """Copy the list to arrays."""
    cdef Py_ssize_t index
    for index in range(spans.count):
        rows[index, 0] = spans.items[index].text
        rows[index, 1] = spans.items[index].start
        rows[index, 2] = spans.items[index].end
        rows[index, 3] = spans.items[index].label
        masses[index] = spans.items[index].mass


cdef bint find_spans_of_text(
    const real[:, ::1] closed, const real[:, ::1] slots, const real* last, Py_ssize_t text, Py_ssize_t begin,
    Py_ssize_t end, Py_ssize_t longest, double least, const int32_t* ends, double budget, double temperature,
    Opened* opened, double* shares, real* hidden, SpanList* spans, double[::1] lost,
    double[::1] nothing_open,
) noexcept nogil:
    """Append the probable spans of one text; return False if there is no memory for them."""
    cdef Py_ssize_t labels = (closed.shape[1] - 1) // 2
    cdef Py_ssize_t width = slots.shape[1] // 6
    cdef Py_ssize_t token, column, label, remaining, scored, until, count = 0
    cdef double following, highest, total, mass, share, allowed, closed_mass = 1, dropped = 0
    cdef bint extendable, done = True
    for token in range(begin, end):
        nothing_open[token] = closed_mass
        allowed = budget * (token + 1 - begin) / (end - begin)
        following = 0  # probability that nothing is open after the token
        remaining = 0  # states that stay open
        scored = -1
        for column in range(count):
            mass = opened[column].mass
            label = opened[column].label
            extendable = can_continue(token - begin, opened[column].start - begin, end - begin, longest)
            until = 0 if ends == NULL else ends[opened[column].start * labels + label]
            share = 1  # probability of L-label against I-label
            if extendable:
                if scored != opened[column].start:
                    scored = opened[column].start
                    open_hidden(slots, token, scored, width, hidden)
                share = last[labels * width + label] + product_of(hidden, last + label * width, width)
                share = 1 / (1 + exp(-share / temperature))
            following += mass * share
            if mass * share >= least or token + 1 <= until:
                done = append_span(spans, text, opened[column].start - begin, token + 1 - begin, label,
                                   mass * share) and done
            mass -= mass * share
            if not extendable:
                continue
            if dropped + mass <= allowed and token + 1 >= until:
                dropped += mass
                continue
            opened[remaining].start = opened[column].start
            opened[remaining].label = label
            opened[remaining].mass = mass
            remaining += 1
        count = remaining
        extendable = can_begin(token - begin, end - begin, longest)
        highest = closed[token, 0]
        for column in range(1 if extendable else 1 + labels, 2 * labels + 1):
            highest = closed[token, column] if closed[token, column] > highest else highest
        total = 0
        for column in range(2 * labels + 1):
            shares[column] = 0
            if column == 0 or column > labels or extendable:
                shares[column] = exp((closed[token, column] - highest) / temperature)
                total += shares[column]
        total = closed_mass / total
        following += shares[0] * total
        for label in range(labels):
            until = 0 if ends == NULL else ends[token * labels + label]
            mass = shares[1 + labels + label] * total
            following += mass
            if mass >= least or token + 1 <= until:
                done = append_span(spans, text, token - begin, token + 1 - begin, label, mass) and done
            if not extendable:
                continue
            mass = shares[1 + label] * total
            if dropped + mass <= allowed and token + 1 >= until:
                dropped += mass
                continue
            opened[count].start = token
            opened[count].label = label
            opened[count].mass = mass
            count += 1
        closed_mass = following
    lost[text] = dropped
    return done

"""Expectations under the learner: the expected number of tokens within entities, and its gradient.

For a function that is a sum over the steps of a derivation, here 1 for each token within an entity, V of a
state is the expectation from this state to the end of the text, and Q of an action the expectation after it
is taken. The probabilities are normalised in each state, so the gradient of the expectation for the score of
action a is visit(state) p(a) (Q(a) - V): the policy gradient (Sutton et al. 2000), summed exactly instead of
sampled.
"""

import numpy as np


def expected_entity_tokens(const double[:, ::1] log_closed, const double[:, :, ::1] log_open,
                           const unsigned char[::1] counted):
    """Return the expected number of tokens of a text within entities, and its gradients for all scores.

    ``log_closed`` (N, 2L+1) and ``log_open`` (N, K-1, 2L) are the log-probabilities of the actions, as in
    ``forward_backward``; the gradients are float64 of the same shapes. ``counted``, uint8 (L), marks the
    labels whose entities count.
    """
    cdef Py_ssize_t length = log_closed.shape[0]
    cdef Py_ssize_t labels = (log_closed.shape[1] - 1) // 2
    cdef Py_ssize_t longest = log_open.shape[1] + 1
    # closed and open hold probabilities, then gradients; at_closed and at_open hold visits, then expectations
    closed_array, open_array = np.exp(log_closed), np.exp(log_open)
    at_closed_array = np.zeros(length + 1)
    cdef double[:, ::1] closed = closed_array
    cdef double[:, :, ::1] open_ = open_array
    cdef double[::1] at_closed = at_closed_array
    cdef double[:, :, ::1] at_open = np.zeros((length + 1, longest, labels))
    cdef Py_ssize_t token, back, label
    cdef double visited, expected, going, ending
    at_closed[0] = 1
    with nogil:
        for token in range(length):
            visited = at_closed[token]
            at_closed[token + 1] += visited * closed[token, 0]
            for label in range(labels):
                at_open[token + 1, 0, label] = visited * closed[token, 1 + label]
                at_closed[token + 1] += visited * closed[token, 1 + labels + label]
            for back in range(1, min(longest, token + 1)):
                for label in range(labels):
                    visited = at_open[token, back - 1, label]
                    at_open[token + 1, back, label] = visited * open_[token, back - 1, label]
                    at_closed[token + 1] += visited * open_[token, back - 1, labels + label]
        at_closed[length] = 0
        for token in range(length - 1, -1, -1):
            for back in range(1, min(longest, token + 1)):
                for label in range(labels):
                    visited = at_open[token, back - 1, label]
                    going = counted[label] + at_open[token + 1, back, label]
                    ending = counted[label] + at_closed[token + 1]
                    expected = (open_[token, back - 1, label] * going
                                + open_[token, back - 1, labels + label] * ending)
                    at_open[token, back - 1, label] = expected
                    open_[token, back - 1, label] *= visited * (going - expected)
                    open_[token, back - 1, labels + label] *= visited * (ending - expected)
            visited = at_closed[token]
            expected = closed[token, 0] * at_closed[token + 1]
            for label in range(labels):
                expected += closed[token, 1 + label] * (counted[label] + at_open[token + 1, 0, label])
                expected += closed[token, 1 + labels + label] * (counted[label] + at_closed[token + 1])
            at_closed[token] = expected
            closed[token, 0] *= visited * (at_closed[token + 1] - expected)
            for label in range(labels):
                going = counted[label] + at_open[token + 1, 0, label]
                ending = counted[label] + at_closed[token + 1]
                closed[token, 1 + label] *= visited * (going - expected)
                closed[token, 1 + labels + label] *= visited * (ending - expected)
    return float(at_closed[0]), closed_array, open_array

"""The update of Adam with decoupled weight decay, and the running average of the parameters, in one pass."""

from libc.math cimport sqrt, sqrtf

from nerture.core.row_loops cimport product_of, real

cdef enum:
    PIECE = 4096  # values whose squares are summed in their own precision


def squared_norm(const real[::1] values):
    """Return the sum of the squares, in an order that is the same on every machine."""
    cdef Py_ssize_t begin = 0, count
    cdef double total = 0
    with nogil:
        while begin < values.shape[0]:
            count = min(values.shape[0] - begin, <Py_ssize_t>PIECE)
            total += product_of(&values[begin], &values[begin], count)
            begin += PIECE
    return total


def adam(real[::1] values, const real[::1] gradient, real[::1] first, real[::1] second, real[::1] average,
         const real[::1] anchor, double rate, double decay, double beta1, double beta2, double epsilon,
         long step, double scale, double keep):
    """Update ``values`` in place by one step of Adam, and ``average`` by ``keep`` of itself.

    ``first`` and ``second`` are the running moments of the gradient, which is multiplied by ``scale``
    (clipping) beforehand; ``step`` counts from 1. Apart from the gradient, ``decay`` takes ``rate * decay``
    of the values' distance from ``anchor`` away. All arrays have one shape. Kingma & Ba 2015; Loshchilov &
    Hutter 2019 (decoupled decay); Li et al. 2018 (decay towards a start).
    """
    cdef Py_ssize_t index
    cdef real grown = <real>(1.0 / (1.0 - beta1 ** step))
    cdef real root = <real>(1.0 / sqrt(1.0 - beta2 ** step))
    cdef real one = <real>beta1, two = <real>beta2, eps = <real>epsilon, size = <real>rate
    cdef real shrink = <real>(rate * decay), clip = <real>scale, mix = <real>(1.0 - keep)
    cdef real slope, moment, spread, value
    with nogil:
        for index in range(values.shape[0]):
            slope = gradient[index] * clip
            moment = one * first[index] + (1 - one) * slope
            spread = two * second[index] + (1 - two) * slope * slope
            first[index] = moment
            second[index] = spread
            value = values[index]
            if real is float:
                spread = sqrtf(spread)
            else:
                spread = sqrt(spread)
            value = value - size * (moment * grown) / (spread * root + eps) - shrink * (value - anchor[index])
            values[index] = value
            average[index] = average[index] + mix * (value - average[index])

# distutils: language = c++
# distutils: include_dirs = core/kernels
# distutils: depends = core/kernels/simd.h
"""The update of Adam with decoupled weight decay, and the running average of the parameters, in one pass."""

from libc.math cimport sqrt

from nerture.core.kernels.dense cimport Dense
from nerture.core.kernels.row_loops cimport product_of, real
from nerture.core.kernels.simd cimport AdamStep

from nerture.core.kernels.dense import DENSE

cdef enum:
    PIECE = 4096  # values whose squares are summed in the arrays' own precision


def squared_norm(const real[::1] values):
    """Return the sum of the squares, added up in the same order on every machine."""
    cdef Py_ssize_t begin = 0, count
    cdef double total = 0
    with nogil:
        while begin < values.shape[0]:
            count = min(values.shape[0] - begin, <Py_ssize_t>PIECE)
            total += product_of(&values[begin], &values[begin], count)
            begin += PIECE
    return total


def adam(real[::1] values, real[::1] gradient, real[::1] first, real[::1] second, real[::1] average,
         const real[::1] anchor, double rate, double decay, double beta1, double beta2, double epsilon,
         long step, double scale, double keep, Dense dense=DENSE):
    """Update ``values`` in place by one step of Adam, and their running average.

    ``first`` and ``second`` are the running moments of the gradient, which is multiplied by ``scale``
    (clipping) and set to zero afterwards; ``step`` counts from 1. Independently of the gradient, a share
    ``rate * decay`` of the values' distance from ``anchor`` (zeros if None) is removed. ``average`` keeps a
    share ``keep`` of itself. All arrays have the same shape. ``dense`` are the kernels for float32; every
    instruction set gives the same bytes. Raises ``ValueError`` for arrays of different sizes. Kingma & Ba
    2015; Loshchilov & Hutter 2019 (decoupled decay); Li et al. 2018 (decay towards a start).
    """
    cdef Py_ssize_t index, count = values.shape[0]
    cdef double first_correction = 1.0 / (1.0 - beta1 ** step)
    cdef double second_correction = 1.0 / sqrt(1.0 - beta2 ** step)
    cdef double shrink = rate * decay, mix = 1.0 - keep
    cdef double slope, value
    cdef AdamStep numbers
    cdef const real* start = NULL
    sizes = [count, gradient.shape[0], first.shape[0], second.shape[0], average.shape[0]]
    if anchor is not None:
        sizes.append(anchor.shape[0])
    if len(set(sizes)) != 1:
        raise ValueError(f"arrays of Adam: expected equal sizes, got {sizes}")
    if count == 0:
        return
    if anchor is not None:
        start = &anchor[0]
    if real is float:
        numbers = AdamStep(<float>beta1, <float>beta2, <float>first_correction, <float>second_correction,
                           <float>epsilon, <float>rate, <float>shrink, <float>scale, <float>mix)
        with nogil:
            dense.isa.adam(&values[0], &gradient[0], &first[0], &second[0], &average[0], start, count,
                           numbers)
    else:
        with nogil:
            for index in range(count):
                slope = gradient[index] * scale
                gradient[index] = 0
                first[index] = beta1 * first[index] + (1 - beta1) * slope
                second[index] = beta2 * second[index] + (1 - beta2) * slope * slope
                value = values[index]
                value = (value
                         - rate * (first[index] * first_correction)
                         / (sqrt(second[index]) * second_correction + epsilon)
                         - shrink * (value if start == NULL else value - start[index]))
                values[index] = value
                average[index] += mix * (value - average[index])

"""The loops between the network's matrix products: forward and backward side by side, float32 and float64.

Shapes by letter: N rows (tokens), W width, P maxout pieces, R rows of a hash table, H hidden, K lengths of an
open entity. Maxout layers lay their pieces out one after the other: column ``p * W + w`` is piece p of output
w. Every function writes into arrays that the caller owns; backward functions add to gradients of parameters.
"""

from libc.math cimport sqrt
from libc.stdint cimport int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memset

from nerture.core.kernels.hashing cimport DROPPED, make_key, NOISE_VALUES, scramble32
from nerture.core.kernels.row_loops cimport (
    add_product_to, add_to, maxout, product_of, real, select_piece, sum_maxout, sum_of, MAX_WIDTH,
)

cdef double NORM_EPSILON = 1e-5  # keeps the layer norm of a constant row finite


def embed_forward(const real[:, ::1] table, const int32_t[:, ::1] rows, real[:, :] out):
    """Sum the hashed rows of each token: out (N, W) = sum over h of table[rows[:, h]]; row -1 is skipped.

    Serra & Karatzoglou 2017, "Getting deep recommenders fit: Bloom embeddings".
    """
    cdef Py_ssize_t token, choice
    cdef Py_ssize_t width = table.shape[1]
    with nogil:
        for token in range(rows.shape[0]):
            memset(&out[token, 0], 0, width * sizeof(real))
            for choice in range(rows.shape[1]):
                if rows[token, choice] >= 0:
                    add_to(&out[token, 0], &table[rows[token, choice], 0], width)


def embed_backward(const real[:, :] d_out, const int32_t[:, ::1] rows,
                   real[:, ::1] d_table):
    """Add each token's gradient (N, W) to the hashed rows that it summed."""
    cdef Py_ssize_t token, choice
    cdef Py_ssize_t width = d_table.shape[1]
    with nogil:
        for token in range(rows.shape[0]):
            for choice in range(rows.shape[1]):
                if rows[token, choice] >= 0:
                    add_to(&d_table[rows[token, choice], 0], &d_out[token, 0], width)


def maxout_norm_forward(const real[:, ::1] pieces, const real[::1] bias, const real[::1] gain,
                        const real[::1] shift, real[:, ::1] out, real[:, ::1] argmax,
                        real[:, ::1] normed, real[::1] scale):
    """Maxout, then layer norm: out (N, W) = gain * normed + shift, normed = (max over p - mean) * scale.

    ``pieces`` (N, P*W) is the product without ``bias`` (P*W). ``argmax`` (N, W; the winning piece),
    ``normed`` (N, W) and ``scale`` (N) are written for the backward pass. Goodfellow et al. 2013 (maxout); Ba
    et al. 2016 (layer norm).
    """
    cdef Py_ssize_t token, column
    cdef Py_ssize_t width = out.shape[1]
    cdef Py_ssize_t count = pieces.shape[1] // width
    cdef real mean, rate
    cdef real* row
    cdef real* result
    cdef const real* gains = &gain[0]
    cdef const real* shifts = &shift[0]
    with nogil:
        for token in range(pieces.shape[0]):
            row = &normed[token, 0]
            result = &out[token, 0]
            maxout(&pieces[token, 0], &bias[0], width, count, row, &argmax[token, 0])
            mean = <real>(sum_of(row, width) / width)
            for column in range(width):
                row[column] -= mean
            rate = <real>(1.0 / sqrt(product_of(row, row, width) / width + NORM_EPSILON))
            scale[token] = rate
            for column in range(width):
                row[column] *= rate
                result[column] = gains[column] * row[column] + shifts[column]


def maxout_norm_backward(const real[:, ::1] d_out, const real[:, ::1] argmax, const real[:, ::1] normed,
                         const real[::1] scale, const real[::1] gain,
                         real[:, ::1] d_pieces, real[::1] d_bias, real[::1] d_gain, real[::1] d_shift):
    """Write the gradient of the pieces (N, P*W); add to the gradients of bias, gain and shift."""
    cdef Py_ssize_t token, column, piece
    cdef Py_ssize_t width = d_out.shape[1]
    cdef Py_ssize_t count = d_pieces.shape[1] // width
    cdef real mean, share, rate
    cdef const real* slope
    cdef const real* row
    cdef const real* gains = &gain[0]
    cdef real[MAX_WIDTH] d_normed  # local: the compiler knows that it overlaps with no argument
    if width > MAX_WIDTH:
        raise ValueError(f"width: expected up to {MAX_WIDTH}, got {width}")
    with nogil:
        for token in range(d_out.shape[0]):
            slope = &d_out[token, 0]
            row = &normed[token, 0]
            rate = scale[token]
            add_product_to(&d_gain[0], slope, row, width)
            add_to(&d_shift[0], slope, width)
            for column in range(width):
                d_normed[column] = slope[column] * gains[column]
            mean = <real>(sum_of(<const real*>d_normed, width) / width)
            share = <real>(product_of(<const real*>d_normed, row, width) / width)
            for column in range(width):
                d_normed[column] = rate * (d_normed[column] - mean - row[column] * share)
            for piece in range(count):
                select_piece(<const real*>d_normed, &argmax[token, 0], <real>piece, width,
                             &d_pieces[token, piece * width], &d_bias[piece * width])


def dropout(real[:, ::1] values, double rate, uint64_t seed):
    """Zero a share ``rate`` of the values in place and scale the rest; the same call masks a gradient.

    Whether value (n, w) is dropped depends only on a hash of seed and position, so that no mask has to be
    kept for the backward pass.
    """
    cdef Py_ssize_t token, column
    cdef Py_ssize_t width = values.shape[1]
    cdef uint64_t key = make_key(seed, DROPPED)
    cdef uint32_t low = <uint32_t>key, high = <uint32_t>(key >> 32), bits
    cdef uint32_t threshold = <uint32_t>(rate * NOISE_VALUES)
    cdef real scale = <real>(<double>NOISE_VALUES / (NOISE_VALUES - threshold))
    if threshold == 0:
        return
    with nogil:
        for token in range(values.shape[0]):
            for column in range(width):
                bits = scramble32(scramble32(<uint32_t>(token * width + column) + low) ^ high) >> 8
                values[token, column] *= scale if bits >= threshold else 0


def add_rows(const real[:, ::1] rows, const int64_t[::1] index, real[:, ::1] out):
    """Add row n (N, W) to row ``index[n]`` of ``out`` (M, W), in order."""
    cdef Py_ssize_t row
    with nogil:
        for row in range(rows.shape[0]):
            add_to(&out[index[row], 0], &rows[row, 0], rows.shape[1])


def closed_hidden_forward(const real[:, ::1] slots, const real[:, ::1] absent, const int64_t[::1] bounds,
                          real[:, ::1] out, real[:, ::1] argmax):
    """Write the hidden layer of the states in which nothing is open.

    It is out (N, H) = max over two pieces of the sum of three slots; ``argmax`` (N, H) are the pieces.
    ``slots`` (N, 3*2H) are those of the current token, the first token of the open entity and the previous
    token; ``absent`` (2, 2H) stands for the second and third where there is none.
    """
    cdef Py_ssize_t text, token
    cdef Py_ssize_t hidden = out.shape[1]
    cdef Py_ssize_t size = 2 * hidden
    cdef int64_t begin, end
    cdef const real* current
    cdef const real* previous
    cdef const real* nothing = &absent[0, 0]
    with nogil:
        for text in range(bounds.shape[0] - 1):
            begin = bounds[text]
            end = bounds[text + 1]
            for token in range(begin, end):
                current = &slots[token, 0]
                previous = &slots[token - 1, 2 * size] if token > begin else &absent[1, 0]
                sum_maxout(current, nothing, previous, hidden, &out[token, 0], &argmax[token, 0])


def closed_hidden_backward(const real[:, ::1] d_out, const real[:, ::1] argmax, const int64_t[::1] bounds,
                           real[:, ::1] d_slots, real[:, ::1] d_absent):
    """Add the gradient (N, H) to the gradients of the slots and of the absent ones."""
    cdef Py_ssize_t text, token, column, position
    cdef Py_ssize_t hidden = d_out.shape[1]
    cdef Py_ssize_t size = 2 * hidden
    cdef int64_t begin, end
    with nogil:
        for text in range(bounds.shape[0] - 1):
            begin = bounds[text]
            end = bounds[text + 1]
            for token in range(begin, end):
                for column in range(hidden):
                    position = <Py_ssize_t>argmax[token, column] * hidden + column
                    d_slots[token, position] += d_out[token, column]
                    d_absent[0, position] += d_out[token, column]
                    if token > begin:
                        d_slots[token - 1, 2 * size + position] += d_out[token, column]
                    else:
                        d_absent[1, position] += d_out[token, column]


def open_hidden_forward(const real[:, ::1] slots, const int64_t[::1] rows, Py_ssize_t lengths,
                        real[:, ::1] out, real[:, ::1] argmax):
    """Write the hidden layer (M, H) of some states in which an entity is open.

    ``rows`` (M) are the states, ``token * lengths + k``: the open entity began k+1 tokens back, so a previous
    token exists.
    """
    cdef Py_ssize_t index, token, start
    cdef Py_ssize_t hidden = out.shape[1]
    cdef Py_ssize_t size = 2 * hidden
    with nogil:
        for index in range(rows.shape[0]):
            token = rows[index] // lengths
            start = token - rows[index] % lengths - 1
            sum_maxout(&slots[token, 0], &slots[start, size], &slots[token - 1, 2 * size], hidden,
                       &out[index, 0], &argmax[index, 0])


def open_hidden_backward(const real[:, ::1] d_out, const real[:, ::1] argmax, const int64_t[::1] rows,
                         Py_ssize_t lengths, real[:, ::1] d_slots):
    """Add the gradient (M, H) of the same states to the gradient of the slots."""
    cdef Py_ssize_t index, column, position, token, start
    cdef Py_ssize_t hidden = d_out.shape[1]
    cdef Py_ssize_t size = 2 * hidden
    with nogil:
        for index in range(rows.shape[0]):
            token = rows[index] // lengths
            start = token - rows[index] % lengths - 1
            for column in range(hidden):
                position = <Py_ssize_t>argmax[index, column] * hidden + column
                d_slots[token, position] += d_out[index, column]
                d_slots[start, size + position] += d_out[index, column]
                d_slots[token - 1, 2 * size + position] += d_out[index, column]

"""Loops over one contiguous row, written so that a compiler vectorises them: plain pointers, no early exits.

Sums run in sixteen accumulators, which are added up in a fixed order, the same on every machine.
"""

ctypedef fused real:
    float
    double


cdef inline void add_to(real* total, const real* values, Py_ssize_t width) noexcept nogil:
    """Add a row to another."""
    cdef Py_ssize_t column
    for column in range(width):
        total[column] += values[column]


cdef inline void add_product_to(real* total, const real* left, const real* right,
                                Py_ssize_t width) noexcept nogil:
    """Add the product of two rows, element by element, to a third."""
    cdef Py_ssize_t column
    for column in range(width):
        total[column] += left[column] * right[column]


cdef inline double sum_of(const real* values, Py_ssize_t width) noexcept nogil:
    """Return the sum of a row."""
    cdef real[16] part
    cdef Py_ssize_t column, lane
    cdef double total = 0
    cdef Py_ssize_t whole = width - width % 16
    for lane in range(16):
        part[lane] = 0
    for column in range(0, whole, 16):
        for lane in range(16):
            part[lane] += values[column + lane]
    for lane in range(16):
        total += part[lane]
    for column in range(whole, width):
        total += values[column]
    return total


cdef inline double product_of(const real* left, const real* right, Py_ssize_t width) noexcept nogil:
    """Return the inner product of two rows."""
    cdef real[16] part
    cdef Py_ssize_t column, lane
    cdef double total = 0
    cdef Py_ssize_t whole = width - width % 16
    for lane in range(16):
        part[lane] = 0
    for column in range(0, whole, 16):
        for lane in range(16):
            part[lane] += left[column + lane] * right[column + lane]
    for lane in range(16):
        total += part[lane]
    for column in range(whole, width):
        total += left[column] * right[column]
    return total


cdef inline void maxout(const real* pieces, const real* bias, Py_ssize_t width, Py_ssize_t count, real* best,
                        real* argmax) noexcept nogil:
    """Write the largest of ``count`` pieces (each of ``width``) and its number; the first wins a tie."""
    cdef Py_ssize_t column, piece
    cdef real value
    cdef const real* row = pieces
    cdef const real* offset = bias
    cdef real number
    for column in range(width):
        best[column] = row[column] + offset[column]
        argmax[column] = 0
    for piece in range(1, count):
        row = pieces + piece * width
        offset = bias + piece * width
        number = <real>piece
        for column in range(width):
            value = row[column] + offset[column]
            argmax[column] = number if value > best[column] else argmax[column]
            best[column] = value if value > best[column] else best[column]


cdef inline void select_piece(const real* values, const real* argmax, real number, Py_ssize_t width,
                              real* out, real* total) noexcept nogil:
    """Write the values where ``argmax`` is ``number``, else 0, and add them to ``total``."""
    cdef Py_ssize_t column
    cdef real value, winner
    for column in range(width):
        value = values[column]
        winner = argmax[column]
        value = value if winner == number else <real>0
        out[column] = value
        total[column] += value


cdef enum:
    MAX_WIDTH = 1024  # the widest layer that a setting allows


cdef inline void sum_maxout(const real* row1, const real* row2, const real* row3, Py_ssize_t width,
                            real* best, real* argmax) noexcept nogil:
    """Add three rows of two pieces (each of ``width``); write the larger piece and its number.

    The first piece wins a tie. The sums go through local arrays, which the compiler knows to overlap with no
    argument.
    """
    cdef Py_ssize_t column
    cdef real[MAX_WIDTH] first
    cdef real[MAX_WIDTH] second
    cdef real low, high
    for column in range(width):
        first[column] = row1[column] + row2[column] + row3[column]
    for column in range(width):
        second[column] = row1[width + column] + row2[width + column] + row3[width + column]
    for column in range(width):
        low = first[column]
        high = second[column]
        best[column] = high if high > low else low
    for column in range(width):
        low = first[column]
        high = second[column]
        argmax[column] = <real>1 if high > low else <real>0

"""What the kernels of simd.h, which trust their sizes, are told of arrays."""

from nerture.core.kernels.simd cimport Matrix

cdef enum:
    LINE = 64  # bytes of a cache line, and of the widest vector
    FEWEST_PIECES = 2
    MOST_PIECES = 8


cdef inline Matrix matrix_of(const float[:, :] values) noexcept:
    """Return the matrix as C++ sees it: steps count floats."""
    cdef Matrix result
    result.data = &values[0, 0] if values.shape[0] and values.shape[1] else NULL
    result.row_step = values.strides[0] // <Py_ssize_t>sizeof(float)
    result.column_step = values.strides[1] // <Py_ssize_t>sizeof(float)
    return result


cdef inline int check(str what, Py_ssize_t found, Py_ssize_t expected) except -1:
    """Raise ValueError unless two sizes are the same: the kernels trust theirs."""
    if found != expected:
        raise ValueError(f"{what}: found {found}, expected is {expected}")
    return 0


cdef inline int check_rows(str what, const float[:, ::1] found, Py_ssize_t rows, Py_ssize_t width) except -1:
    """Raise ValueError unless a matrix is of this shape."""
    check(f"rows of {what}", found.shape[0], rows)
    return check(f"columns of {what}", found.shape[1], width)


cdef inline int check_pieces(Py_ssize_t pieces, Py_ssize_t columns) except -1:
    """Raise ValueError unless the columns are so many pieces of one width; 0: they are none."""
    if pieces and not (FEWEST_PIECES <= pieces <= MOST_PIECES and columns % pieces == 0):
        raise ValueError(f"pieces: found {pieces} of {columns} columns, allowed are 2 to 8 of one width")
    return 0

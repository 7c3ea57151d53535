"""Arrays as the kernels of simd.h take them, and checks of their sizes, which the kernels trust."""

from nerture.core.kernels.simd cimport Matrix

cdef enum:
    LINE = 64  # bytes of a cache line, and of the widest vector
    MIN_PIECES = 2
    MAX_PIECES = 8


cdef inline Matrix as_matrix(const float[:, :] values) noexcept:
    """Return the array as the C++ struct; its steps count floats."""
    cdef Matrix result
    result.data = &values[0, 0] if values.shape[0] and values.shape[1] else NULL
    result.row_step = values.strides[0] // <Py_ssize_t>sizeof(float)
    result.column_step = values.strides[1] // <Py_ssize_t>sizeof(float)
    return result


cdef inline int check(str name, Py_ssize_t size, Py_ssize_t expected) except -1:
    """Raise ValueError unless two sizes are the same."""
    if size != expected:
        raise ValueError(f"{name}: expected {expected}, got {size}")
    return 0


cdef inline int check_rows(str name, const float[:, ::1] array, Py_ssize_t rows, Py_ssize_t width) except -1:
    """Raise ValueError unless the array has this shape."""
    check(f"rows of {name}", array.shape[0], rows)
    return check(f"columns of {name}", array.shape[1], width)


cdef inline int check_pieces(Py_ssize_t pieces, Py_ssize_t columns) except -1:
    """Raise ValueError unless the columns divide into this many pieces; 0 stands for no pieces."""
    if pieces and not (MIN_PIECES <= pieces <= MAX_PIECES and columns % pieces == 0):
        raise ValueError(
            f"pieces: expected {MIN_PIECES} to {MAX_PIECES} of equal width, got {pieces} of {columns} columns"
        )
    return 0

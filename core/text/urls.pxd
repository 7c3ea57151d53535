cdef bint is_address(str text, Py_ssize_t start, Py_ssize_t stop)

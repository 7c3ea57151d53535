from libc.stdint cimport uint64_t


cdef class CharTable:
    cdef uint64_t* _pages[0x1100]  # 256 characters each; NULL: not computed yet
    cdef object _classify          # character -> bits

    cdef uint64_t* _fill(self, Py_ssize_t page) except NULL

    cdef inline uint64_t get(self, Py_UCS4 character) except? 0:
        cdef Py_ssize_t code = <Py_ssize_t>character
        cdef uint64_t* page = self._pages[code >> 8]
        if page is NULL:
            page = self._fill(code >> 8)
        return page[code & 255]

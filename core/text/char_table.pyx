"""``CharTable``: a lazily filled table from code points to 64 bits each."""

from libc.stdint cimport uint64_t
from libc.stdlib cimport calloc, free


cdef class CharTable:
    """Caches 64 bits about each character, computed when they are first needed.

    ``classify`` takes a one-character string and returns an int of at most 64 bits. It is called for 256
    characters at a time, when the first of them is looked up: a text of one script fills a few pages of 2
    KB, all of Unicode 9 MB.
    """

    def __init__(self, classify):
        self._classify = classify

    def __dealloc__(self):
        cdef Py_ssize_t page
        for page in range(0x1100):
            free(self._pages[page])

    def __getitem__(self, str character not None):
        return self.get(ord(character))

    cdef uint64_t* _fill(self, Py_ssize_t page) except NULL:
        cdef uint64_t* bits = <uint64_t*>calloc(256, sizeof(uint64_t))
        cdef Py_ssize_t low
        if bits is NULL:
            raise MemoryError
        try:
            for low in range(256):
                bits[low] = self._classify(chr((page << 8) | low))
        except BaseException:
            free(bits)
            raise
        if self._pages[page] is NULL:
            self._pages[page] = bits
        else:  # another thread was faster, and readers may hold its page
            free(bits)
        return self._pages[page]

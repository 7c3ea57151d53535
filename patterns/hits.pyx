"""Hits as arrays: sorts them, chooses among overlapping ones, and converts them to matches.

``hits``, int32 (H, 3), are tokens ``[start, end)`` of a text, and a pattern's row.
"""

from cpython.object cimport PyTypeObject
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_SET_ITEM
from libc.stdint cimport int32_t
from libc.stdlib cimport calloc, free, malloc, qsort
from libc.string cimport memcpy

import numpy as np

from nerture.core.text.match import Match

cdef extern from "Python.h":
    object PyType_GenericAlloc(PyTypeObject* type, Py_ssize_t items)
    void PyObject_GC_UnTrack(object)

cdef struct _Ranked:
    int32_t[3] rank  # the preference of the policy: the smallest first
    int32_t[3] hit


def sort_hits(const int32_t[:, ::1] hits):
    """Return the hits sorted by start, end and row."""
    cdef Py_ssize_t count = hits.shape[0]
    cdef int32_t[:, ::1] view
    found = np.empty((count, 3), np.int32)
    if count:
        view = found
        memcpy(&view[0, 0], &hits[0, 0], 3 * count * sizeof(int32_t))
        qsort(&view[0, 0], count, 3 * sizeof(int32_t), _by_three)
    return found


def choose_disjoint(const int32_t[:, ::1] hits, str overlap not None, Py_ssize_t length):
    """Return hits that do not overlap, in order of their start; for hits that cannot be shortened.

    ``overlap`` is ``longest``, ``first`` or ``priority`` (``nerture.patterns.overlap``); the text has
    ``length`` tokens.
    """
    cdef Py_ssize_t count = hits.shape[0], index, place, kept = 0
    cdef _Ranked* ranked
    cdef char* taken
    cdef int32_t[:, ::1] view
    if count < 2:
        return np.array(hits)
    ranked = <_Ranked*>malloc(count * sizeof(_Ranked))
    taken = <char*>calloc(max(length, 1), 1)
    try:
        if ranked is NULL or taken is NULL:
            raise MemoryError
        _rank(hits, overlap, ranked)
        qsort(ranked, count, sizeof(_Ranked), _by_three)
        for index in range(count):
            for place in range(ranked[index].hit[0], ranked[index].hit[1]):
                if taken[place]:
                    break
            else:
                for place in range(ranked[index].hit[0], ranked[index].hit[1]):
                    taken[place] = 1
                ranked[kept] = ranked[index]
                kept += 1
        found = np.empty((kept, 3), np.int32)
        view = found
        for index in range(kept):
            for place in range(3):
                view[index, place] = ranked[index].hit[place]
        qsort(&view[0, 0], kept, 3 * sizeof(int32_t), _by_three)
        return found
    finally:
        free(ranked)
        free(taken)


def make_matches(const int32_t[:, ::1] hits, list labels not None, list ids not None):
    """Return the hits as a list of ``Match``; ``labels`` and ``ids`` have an entry for each row.

    Matches are filled like tuples in C, for speed: there may be several hits per word. Like Python's own
    tuples of numbers and texts, they are not tracked by the garbage collector.
    """
    cdef Py_ssize_t index, place, row
    found = []
    for index in range(hits.shape[0]):
        row = hits[index, 2]
        if not (0 <= row < len(labels) and row < len(ids)):
            raise IndexError(f"row {row} of {len(ids)}")
        match = PyType_GenericAlloc(<PyTypeObject*>Match, 4)
        for place, part in enumerate((hits[index, 0], hits[index, 1], labels[row], ids[row])):
            Py_INCREF(part)
            PyTuple_SET_ITEM(match, place, part)
        PyObject_GC_UnTrack(match)
        found.append(match)
    return found


cdef int _rank(const int32_t[:, ::1] hits, str overlap, _Ranked* ranked) except -1:
    cdef Py_ssize_t index
    cdef int32_t start, end, row
    cdef int policy = ("longest", "first", "priority").index(overlap)
    for index in range(hits.shape[0]):
        start, end, row = hits[index, 0], hits[index, 1], hits[index, 2]
        ranked[index].hit[0], ranked[index].hit[1], ranked[index].hit[2] = start, end, row
        if policy == 0:
            ranked[index].rank[0], ranked[index].rank[1], ranked[index].rank[2] = start - end, start, row
        elif policy == 1:
            ranked[index].rank[0], ranked[index].rank[1], ranked[index].rank[2] = start, start - end, row
        else:
            ranked[index].rank[0], ranked[index].rank[1], ranked[index].rank[2] = row, start - end, start
    return 0


cdef int _by_three(const void* one, const void* other) noexcept nogil:
    cdef const int32_t* a = <const int32_t*>one
    cdef const int32_t* b = <const int32_t*>other
    cdef int place
    for place in range(3):
        if a[place] != b[place]:
            return -1 if a[place] < b[place] else 1
    return 0

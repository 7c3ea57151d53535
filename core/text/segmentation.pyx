"""Splits a text into passages, after sentences and lines."""

from libc.stdint cimport int32_t


cdef inline bint _ends_sentence(Py_UCS4 character):
    return character in u".!?…。！？"


cdef inline bint _closes(Py_UCS4 character):
    return character in u"\"')]}»”’"


cdef bint _holds_line_break(str text, Py_ssize_t start, Py_ssize_t end):
    cdef Py_ssize_t position
    for position in range(start, end):
        if text[position] == u"\n":
            return True
    return False


def find_passages(
    str text not None, const int32_t[:, ::1] offsets, Py_ssize_t shortest, Py_ssize_t longest
):
    """Return the passages that the tokens divide into, as ``(start, end, start_char, end_char)``, in order.

    ``offsets``, int32 (N, 2), are the tokens' ``[start_char, end_char)``; ``start`` and ``end`` are token
    indices. A passage ends after the end of a sentence or at a line break, once it has ``shortest`` tokens,
    and in any case after ``longest`` tokens. A rest of fewer than ``shortest`` tokens joins the passage
    before it.
    """
    cdef Py_ssize_t count = offsets.shape[0], token, begin = 0, start, end, following
    cdef bint ended = False  # whether the last word ended a sentence
    cdef bint breaks
    bounds = []
    for token in range(count):
        start, end = offsets[token, 0], offsets[token, 1]
        following = offsets[token + 1, 0] if token + 1 < count else len(text)
        if _ends_sentence(text[end - 1]):
            ended = True
        elif not (ended and end - start == 1 and _closes(text[start])):
            ended = False
        breaks = following > end and (ended or _holds_line_break(text, end, following))
        if token + 1 - begin >= longest or (token + 1 - begin >= shortest and breaks):
            bounds.append((begin, token + 1, offsets[begin, 0], end))
            begin = token + 1
    if begin != count:
        if bounds and count - begin < shortest:
            begin = bounds.pop()[0]
        bounds.append((begin, count, offsets[begin, 0], offsets[count - 1, 1]))
    return bounds

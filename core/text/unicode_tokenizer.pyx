"""``UnicodeTokenizer``: words of any script, by the default word boundaries of Unicode (UAX #29)."""

from libc.stdint cimport int32_t, uint64_t

import numpy as np

from nerture.core.text.char_table cimport CharTable

from nerture.core.errors import DataError
from nerture.core.text.word_break import WordBreak as W
from nerture.core.text.word_break import word_break

cdef uint64_t CR = W.CR, LF = W.LF, SPACE = W.SPACE, JOINER = W.JOINER, REGIONAL = W.REGIONAL
cdef uint64_t HEBREW = W.HEBREW, NUMERIC = W.NUMERIC, KATAKANA = W.KATAKANA, PICTOGRAPHIC = W.PICTOGRAPHIC
cdef uint64_t SINGLE_QUOTE = W.SINGLE_QUOTE, DOUBLE_QUOTE = W.DOUBLE_QUOTE
cdef uint64_t EXTEND_WORD = W.EXTEND_WORD, OTHER = W.OTHER
cdef uint64_t LETTER = W.LETTER | W.HEBREW  # AHLetter
cdef uint64_t WITHIN_WORD = W.MID_LETTER | W.MID_EITHER | W.SINGLE_QUOTE
cdef uint64_t WITHIN_NUMBER = W.MID_NUMBER | W.MID_EITHER | W.SINGLE_QUOTE
cdef uint64_t LINE_END = W.CR | W.LF | W.NEWLINE
cdef uint64_t IGNORED = W.EXTEND | W.FORMAT | W.JOINER


cdef class UnicodeTokenizer:
    """Splits a text at the word boundaries of Unicode (UAX #29). Immutable; safe to use from many threads.

    Whitespace is in no token (except U+202F, which joins words); every other character is. Combining marks
    stay with their base, and emoji sequences and flags stay whole. Scripts written without spaces (Han,
    Hiragana, Thai, ...) are split into characters; Katakana is not.
    """

    cdef CharTable _classes  # the WordBreak class of each character

    def __init__(self):
        self._classes = CharTable(word_break)

    def __call__(self, str text not None):
        """Return int32 (N, 2): ``[start_char, end_char)`` of each token, ascending, none overlapping."""
        cdef Py_ssize_t length = len(text), position, start = 0, count = 0
        cdef int32_t[:, ::1] tokens
        cdef uint64_t current, previous = OTHER  # adjacent characters
        cdef uint64_t last = OTHER, last_but_one = OTHER  # skipping ignored characters
        cdef bint joined, half_flag = False
        if length >= 1 << 31:
            raise DataError(f"text: expected at most 2147483647 characters, got {length}")
        offsets = np.empty((length, 2), dtype=np.int32)  # a token has at least one character
        tokens = offsets
        for position in range(length):
            current = self._classes.get(text[position])
            joined = position > 0 and self._is_joined(
                text, position, current, previous, last, last_but_one, half_flag
            )
            if not joined:
                if start < position:
                    count += _write_token(text, start, position, &tokens[count, 0])
                start = position
            previous = current
            if current & IGNORED and joined:
                continue
            half_flag = current & REGIONAL and not (last & REGIONAL and half_flag)
            last_but_one = last
            last = current
        if start < length:
            count += _write_token(text, start, length, &tokens[count, 0])
        return offsets[:count].copy()

    cdef bint _is_joined(
        self, str text, Py_ssize_t position, uint64_t current, uint64_t previous, uint64_t last,
        uint64_t last_but_one, bint half_flag,
    ) except -1:
        """Return True if there is no boundary before ``position``; numbers are those of rules WB3 to WB16."""
        cdef uint64_t following
        if previous & LINE_END or current & LINE_END:  # 3, 3a, 3b
            return previous & CR and current & LF
        if previous & JOINER and current & PICTOGRAPHIC:  # 3c
            return True
        if previous & SPACE and current & SPACE:  # 3d
            return True
        if current & IGNORED:  # 4
            return True
        if last & (LETTER | NUMERIC) and current & (LETTER | NUMERIC):  # 5, 8, 9, 10
            return True
        if last & KATAKANA and current & KATAKANA:  # 13
            return True
        if last & (LETTER | NUMERIC | KATAKANA | EXTEND_WORD) and current & EXTEND_WORD:  # 13a
            return True
        if last & EXTEND_WORD and current & (LETTER | NUMERIC | KATAKANA):  # 13b
            return True
        if last & REGIONAL and current & REGIONAL:  # 15, 16
            return half_flag
        if last & WITHIN_WORD and last_but_one & LETTER and current & LETTER:  # 7
            return True
        if last & DOUBLE_QUOTE and last_but_one & HEBREW and current & HEBREW:  # 7c
            return True
        if last & WITHIN_NUMBER and last_but_one & NUMERIC and current & NUMERIC:  # 11
            return True
        if last & HEBREW and current & SINGLE_QUOTE:  # 7a
            return True
        if current & (WITHIN_WORD | WITHIN_NUMBER | DOUBLE_QUOTE) and last & (LETTER | NUMERIC):
            following = self._find_following(text, position + 1)
            return (
                (last & LETTER and current & WITHIN_WORD and following & LETTER)  # 6
                or (last & HEBREW and current & DOUBLE_QUOTE and following & HEBREW)  # 7b
                or (last & NUMERIC and current & WITHIN_NUMBER and following & NUMERIC)  # 12
            )
        return False

    cdef uint64_t _find_following(self, str text, Py_ssize_t position) except? 0:
        """Return the class of the first character from ``position`` on that is not ignored."""
        cdef uint64_t following
        while position < len(text):
            following = self._classes.get(text[position])
            if not following & IGNORED:
                return following
            position += 1
        return OTHER


cdef int _write_token(str text, Py_ssize_t start, Py_ssize_t stop, int32_t* token):
    """Write the bounds of ``text[start:stop]`` without leading whitespace; return 1, or 0 if it is empty."""
    while start < stop and text[start].isspace():
        start += 1
    if start == stop:
        return 0
    token[0], token[1] = <int32_t>start, <int32_t>stop
    return 1

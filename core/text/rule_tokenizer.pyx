"""``RuleTokenizer``: splits a text into tokens by the rules of a language, in time linear in its length."""

from libc.stdint cimport int32_t, uint64_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy, memmove

import numpy as np

from nerture.core.text.urls cimport is_address
from nerture.core.text.char_table cimport CharTable

from nerture.core.errors import DataError

cdef enum:
    MAX_CACHED_CHARS = 64  # characters of a cached chunk, whose token lengths are stored as bytes
    CACHE_SIZE = 50_000  # chunks
    # bits of a character: those below FIRST_GATE are its classes
    FIRST_GATE = 40  # it begins or ends a form of the first cut with forms, and so on
    REJOINED_GATE = 63  # it begins a special case that is joined again from its pieces
    ZERO_WIDTH_JOINER = 0x200D


cdef class _Cut:
    """A compiled ``Cut``: what to look for, and what must be next to it."""

    cdef uint64_t gate                  # the piece's outermost character has one of these bits
    cdef frozenset forms                # empty: any character with a bit of ``gate``
    cdef Py_ssize_t shortest, longest   # lengths of the forms
    cdef Py_ssize_t run                 # characters in a row, at least
    cdef uint64_t before[2]             # classes of the characters before the piece, nearest first
    cdef uint64_t after[2]              # classes of those after it, nearest first
    cdef bint not_before[2]             # whether the class must not be there
    cdef bint not_after[2]
    cdef Py_ssize_t n_before, n_after   # how many of them are checked

    def __init__(self, cut, rules, gate):
        self.gate = gate
        self.forms = cut.forms
        self.shortest = min(map(len, cut.forms), default=1)
        self.longest = max(map(len, cut.forms), default=1)
        self.run = cut.run
        before, after = cut.before.split()[::-1], cut.after.split()
        self.n_before, self.n_after = len(before), len(after)
        for i, names in enumerate(before):
            self.before[i], self.not_before[i] = rules.mask(names.lstrip("!")), names.startswith("!")
        for i, names in enumerate(after):
            self.after[i], self.not_after[i] = rules.mask(names.lstrip("!")), names.startswith("!")


cdef class RuleTokenizer:
    """Splits a text into tokens by rules, without changing it. Immutable; safe to use from many threads.

    The text is split at whitespace. One space after a token belongs to no token; the rest of a longer run,
    and any other whitespace, is a token. A chunk between whitespace is first looked up among the special
    cases. Otherwise its symbols are split off, emoji together with whatever joins them. From the parts
    between symbols, prefixes and suffixes are peeled off, one at each end at a time, until a special case
    remains or nothing more comes off; the remainder stays whole if it is an address, and else is split at the
    infixes. If several cuts fit, the longest wins. Finally, neighbouring pieces that form a special case of
    one piece become one token (``hello:)`` is ``hello`` and ``:)``).
    """

    cdef readonly object rules
    cdef CharTable _characters  # bits of each character
    cdef uint64_t _symbols      # bits of the symbols' classes
    cdef uint64_t _prefix_gates, _suffix_gates, _infix_gates  # a character without any of these is skipped
    cdef list _prefixes, _suffixes, _infixes  # of _Cut
    cdef dict _special          # form -> bytes, the lengths of its pieces
    cdef frozenset _rejoined    # special cases of one piece that are joined again from pieces
    cdef Py_ssize_t _max_special, _max_rejoined  # length of the longest of them
    cdef dict _cache            # chunk -> bytes, the lengths of its tokens

    def __init__(self, rules):
        self.rules = rules
        self._symbols = rules.mask(rules.symbols)
        gates, free_bits = {}, iter(range(FIRST_GATE, REJOINED_GATE))
        self._prefixes, self._prefix_gates = _compile(rules.prefixes, rules, gates, free_bits, 0)
        self._suffixes, self._suffix_gates = _compile(rules.suffixes, rules, gates, free_bits, -1)
        self._infixes, self._infix_gates = _compile(rules.infixes, rules, gates, free_bits, 0)
        self._special = {form: bytes(map(len, pieces)) for form, pieces in rules.special_cases.items()}
        self._max_special = max(map(len, self._special), default=0)
        self._rejoined = frozenset(
            form for form, lengths in self._special.items() if len(lengths) == 1 and _is_rejoined(form)
        )
        self._max_rejoined = max(map(len, self._rejoined), default=0)
        for form in self._rejoined:
            gates[form[0]] = gates.get(form[0], 0) | <uint64_t>1 << REJOINED_GATE
        classify = rules.classifier()
        self._characters = CharTable(lambda character: classify(character) | gates.get(character, 0))
        self._cache = {}

    def __call__(self, str text not None):
        """Return int32 (N, 2): ``[start_char, end_char)`` of each token, ascending, none overlapping."""
        cdef Py_ssize_t length = len(text), count = 0
        cdef int32_t* tokens  # memory for a token per character, 2 * length
        cdef int32_t[:, ::1] view
        if length >= 1 << 31:
            raise DataError(f"text: expected at most 2147483647 characters, got {length}")
        tokens = <int32_t*>malloc(2 * max(length, 1) * sizeof(int32_t))
        if tokens is NULL:
            raise MemoryError
        try:
            count = self._fill(text, length, tokens)
            offsets = np.empty((count, 2), dtype=np.int32)
            if count:
                view = offsets
                memcpy(&view[0, 0], tokens, 2 * count * sizeof(int32_t))
        finally:
            free(tokens)
        return offsets

    cdef Py_ssize_t _fill(self, str text, Py_ssize_t length, int32_t* tokens) except -1:
        """Write the tokens of ``text``; return their number."""
        cdef Py_ssize_t position = 0, start, count = 0
        while position < length:
            start = position
            if text[position].isspace():
                while position < length and text[position].isspace():
                    position += 1
                if start and text[start] == u" ":  # belongs to the token before
                    start += 1
                if start < position:
                    tokens[2 * count], tokens[2 * count + 1] = <int32_t>start, <int32_t>position
                    count += 1
            else:
                while position < length and not text[position].isspace():
                    position += 1
                count += self._add_chunk(text, start, position, tokens + 2 * count)
        return count

    cdef Py_ssize_t _add_chunk(self, str text, Py_ssize_t start, Py_ssize_t stop, int32_t* tokens) except -1:
        """Write the tokens of the chunk ``text[start:stop]``, from the cache if possible."""
        cdef str chunk
        cdef bytes lengths
        cdef const unsigned char* length
        cdef Py_ssize_t count, i
        cdef int32_t position = <int32_t>start
        if stop - start > MAX_CACHED_CHARS:
            return self._split(text, start, stop, tokens)
        chunk = text[start:stop]
        lengths = self._cache.get(chunk)
        if lengths is None:
            count = self._split(text, start, stop, tokens)
            lengths = bytes([tokens[2 * i + 1] - tokens[2 * i] for i in range(count)])
            if len(self._cache) >= CACHE_SIZE:
                self._cache.clear()
            self._cache[chunk] = lengths
            return count
        count = len(lengths)
        length = lengths
        for i in range(count):
            tokens[2 * i] = position
            position += length[i]
            tokens[2 * i + 1] = position
        return count

    cdef Py_ssize_t _split(self, str text, Py_ssize_t start, Py_ssize_t stop, int32_t* tokens) except -1:
        """Split the chunk ``text[start:stop]``; write its tokens, return their number.

        There is memory for two numbers per character. The ends of the tokens are collected at the front and
        finally expanded to pairs.
        """
        cdef Py_ssize_t position = start, part = start, count = 0, i
        cdef bytes special = self._special_case(text, start, stop)
        if special is not None:
            count = _write_pieces(special, start, tokens)
        else:
            while position < stop:
                if self._characters.get(text[position]) & self._symbols:
                    count += self._peel(text, start, part, position, tokens + count)
                    position = self._after_symbol(text, position, stop)
                    tokens[count] = <int32_t>position
                    count += 1
                    part = position
                else:
                    position += 1
            count += self._peel(text, start, part, stop, tokens + count)
            if count > 1:
                count = self._rejoin(text, start, count, tokens)
        for i in range(count - 1, 0, -1):
            tokens[2 * i + 1] = tokens[i]
            tokens[2 * i] = tokens[i - 1]
        tokens[1] = tokens[0]
        tokens[0] = <int32_t>start
        return count

    cdef Py_ssize_t _after_symbol(self, str text, Py_ssize_t start, Py_ssize_t stop) except -1:
        """Return the end of the symbol at ``start``, with skin tone, joined symbols, a flag's other half."""
        cdef Py_ssize_t position = start + 1
        if position < stop and _is_flag_half(text[start]) and _is_flag_half(text[position]):
            return position + 1
        while position < stop and (
            _joins_symbol(text[position])
            or (text[position - 1] == ZERO_WIDTH_JOINER
                and self._characters.get(text[position]) & self._symbols)
        ):
            position += 1
        return position

    cdef bytes _special_case(self, str text, Py_ssize_t start, Py_ssize_t stop):
        """Return the lengths of the pieces of ``text[start:stop]`` if it is a special case."""
        if stop - start > self._max_special:
            return None
        return self._special.get(text[start:stop])

    cdef Py_ssize_t _peel(
        self, str text, Py_ssize_t chunk, Py_ssize_t start, Py_ssize_t stop, int32_t* ends
    ) except -1:
        """Peel prefixes and suffixes off ``text[start:stop]``, split the rest; return the number of ends.

        Suffixes are collected from the far end of the memory, one end per character. Contexts look back as
        far as ``chunk``.
        """
        cdef Py_ssize_t capacity = stop - start, count = 0, suffixes = capacity, head, tail
        cdef bytes special = None
        while start < stop:
            special = self._special_case(text, start, stop)
            if special is not None:
                break
            head = self._find_longest(self._prefixes, self._prefix_gates, text, chunk, start, stop, False)
            if head and head < stop - start:
                special = self._special_case(text, start + head, stop)
            if special is None:
                tail = self._find_longest(
                    self._suffixes, self._suffix_gates, text, chunk, start + head, stop, True
                )
                if tail:
                    if tail < stop - start:
                        special = self._special_case(text, start, stop - tail)
                        if special is not None:
                            head = 0
                    suffixes -= 1
                    ends[suffixes] = <int32_t>stop
                    stop -= tail
            else:
                tail = 0
            if head:
                start += head
                ends[count] = <int32_t>start
                count += 1
            if special is not None or not (head or tail):
                break
        if special is not None:
            count += _write_pieces(special, start, ends + count)
        elif start < stop:
            if self.rules.addresses and is_address(text, start, stop):
                ends[count] = <int32_t>stop
                count += 1
            else:
                count += self._add_infixes(text, start, stop, ends + count)
        memmove(ends + count, ends + suffixes, (capacity - suffixes) * sizeof(int32_t))
        return count + capacity - suffixes

    cdef Py_ssize_t _add_infixes(self, str text, Py_ssize_t start, Py_ssize_t stop, int32_t* ends) except -1:
        """Split ``text[start:stop]`` before and after each infix; write the ends, return their number."""
        cdef Py_ssize_t position = start + 1, part = start, count = 0, length
        while position < stop:
            length = self._find_longest(self._infixes, self._infix_gates, text, start, position, stop, False)
            if not length:
                position += 1
                continue
            if part < position:
                ends[count] = <int32_t>position
                count += 1
            position += length
            ends[count] = <int32_t>position
            count += 1
            part = position
        if part < stop:
            ends[count] = <int32_t>stop
            count += 1
        return count

    cdef Py_ssize_t _find_longest(
        self, list cuts, uint64_t gates, str text, Py_ssize_t floor, Py_ssize_t start, Py_ssize_t stop,
        bint at_end,
    ) except -1:
        """Return the length of the longest cut at the beginning or end of ``text[start:stop]``, or 0."""
        cdef Py_ssize_t longest = 0, length, first = start
        cdef uint64_t bits
        cdef _Cut cut
        if start == stop:
            return 0
        bits = self._characters.get(text[stop - 1 if at_end else start])
        if not bits & gates:
            return 0
        for cut in cuts:
            if not bits & cut.gate:
                continue
            if cut.forms:
                for length in range(min(cut.longest, stop - start), max(cut.shortest, longest + 1) - 1, -1):
                    if at_end:
                        first = stop - length
                    if text[first : first + length] in cut.forms:
                        if self._fits(cut, text, floor, first, first + length, stop):
                            longest = length
                            break
            else:
                length = self._measure_run(cut, text, start, stop, at_end)
                if at_end:
                    first = stop - length
                if length > longest and self._fits(cut, text, floor, first, first + length, stop):
                    longest = length
        return longest

    cdef Py_ssize_t _measure_run(
        self, _Cut cut, str text, Py_ssize_t start, Py_ssize_t stop, bint at_end
    ) except -1:
        """Return the number of characters of the cut's class in a row; 0 if there are fewer than ``run``."""
        cdef Py_ssize_t length = 1
        if cut.run == 1:
            return 1
        while (
            length < stop - start
            and self._characters.get(text[stop - 1 - length if at_end else start + length]) & cut.gate
        ):
            length += 1
        return length if length >= cut.run else 0

    cdef bint _fits(
        self, _Cut cut, str text, Py_ssize_t floor, Py_ssize_t start, Py_ssize_t end, Py_ssize_t stop
    ) except -1:
        """Return True if the context that ``cut`` requires is before ``start`` and after ``end``.

        The context before does not reach below ``floor``, the one after not beyond ``stop``.
        """
        cdef Py_ssize_t i
        cdef uint64_t bits
        for i in range(cut.n_before):
            bits = self._characters.get(text[start - 1 - i]) & cut.before[i] if start - 1 - i >= floor else 0
            if (bits != 0) == cut.not_before[i]:
                return False
        for i in range(cut.n_after):
            bits = self._characters.get(text[end + i]) & cut.after[i] if end + i < stop else 0
            if (bits != 0) == cut.not_after[i]:
                return False
        return True

    cdef Py_ssize_t _rejoin(self, str text, Py_ssize_t start, Py_ssize_t count, int32_t* ends) except -1:
        """Join pieces that together are a special case, longest first; return the number of ends."""
        cdef Py_ssize_t piece = 0, last, kept = 0
        while piece < count:
            last = piece
            if self._characters.get(text[start]) >> REJOINED_GATE:
                while last + 1 < count and ends[last + 1] - start <= self._max_rejoined:
                    last += 1
                while last > piece and text[start : ends[last]] not in self._rejoined:
                    last -= 1
            start = ends[last]
            ends[kept] = <int32_t>start
            kept += 1
            piece = last + 1
        return kept


def _is_rejoined(form):
    """Return True if pieces are joined to this special case; ``m.`` and ``8)`` would be joined by chance."""
    return len(form) > 2 or (len(form) == 2 and not form[0].isalnum())


def _compile(cuts, rules, gates, free_bits, outermost):
    """Compile ``cuts``; note in ``gates`` which characters are the ``outermost`` (0 or -1) of a cut's forms.

    Return the compiled cuts and the bits of which a character needs at least one to be outermost in any.
    """
    compiled = []
    every = 0
    for cut in cuts:
        gate = rules.mask(cut.one_of)
        if cut.forms:
            gate = 1 << next(free_bits)
            for character in {form[outermost] for form in cut.forms}:
                gates[character] = gates.get(character, 0) | gate
        compiled.append(_Cut(cut, rules, gate))
        every |= gate
    return compiled, every


cdef Py_ssize_t _write_pieces(bytes lengths, Py_ssize_t start, int32_t* ends):
    """Write the ends of pieces of these lengths; return their number."""
    cdef Py_ssize_t i, count = len(lengths)
    cdef const unsigned char* length = lengths
    for i in range(count):
        start += length[i]
        ends[i] = <int32_t>start
    return count


cdef inline bint _is_flag_half(Py_UCS4 character):
    return 0x1F1E6 <= character <= 0x1F1FF


cdef inline bint _joins_symbol(Py_UCS4 character):
    """Return True for what belongs to the symbol before it: joiner, selector, keycap, skin tone, tag."""
    return (
        character == ZERO_WIDTH_JOINER
        or 0xFE00 <= character <= 0xFE0F
        or character == 0x20E3
        or 0x1F3FB <= character <= 0x1F3FF
        or 0xE0020 <= character <= 0xE007F
    )

"""Many sequences of literal values found at once: an Aho-Corasick automaton over tokens.

Every distinct value gets a number, written as a word of fixed width whose k-th symbol comes from a k-th
alphabet of its own, 64 symbols each. So a hit begins and ends at a token's edge, and no node of the automaton
has more than 64 children (pyahocorasick searches them one after another).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import ahocorasick

from nerture.patterns.form_table import FormTable

_ALPHABET = 64
_NARROWEST = 3


class LiteralIndex:
    """Sequences of values of one attribute, each with a number that its hits report.

    ``value_of`` computes the attribute from a token's text. Equal sequences may carry several numbers.
    """

    def __init__(
        self, value_of: Callable[[str], str], sequences: Sequence[tuple[Sequence[str], int]]
    ) -> None:
        numbers: dict[str, int] = {}
        for values, _ in sequences:
            for value in values:
                numbers.setdefault(value, len(numbers) + 1)  # 0 is every value that no sequence has
        self._width = _NARROWEST
        while _ALPHABET**self._width <= len(numbers):
            self._width += 1
        codes = {value: self._write(number) for value, number in numbers.items()}
        unknown = self._write(0)
        carried: dict[str, list[int]] = {}
        for values, number in sequences:
            carried.setdefault("".join([codes[value] for value in values]), []).append(number)
        self._automaton = ahocorasick.Automaton()
        for word, found in carried.items():
            self._automaton.add_word(word, (len(word) // self._width, tuple(found)))
        self._automaton.make_automaton()
        self._codes: FormTable[str, str] = FormTable(lambda form: codes.get(value_of(form), unknown))

    def hits(self, forms: Sequence[str]) -> list[tuple[int, int, int]]:
        """Return every occurrence in the tokens' texts: tokens ``[start, end)`` and the sequence's number."""
        width = self._width
        found = self._automaton.iter("".join(self._codes.all(forms)))
        return [
            ((end := (last + 1) // width) - length, end, number)
            for last, (length, numbers) in found
            for number in numbers
        ]

    def _write(self, number: int) -> str:
        symbols = []
        for place in range(self._width):
            number, digit = divmod(number, _ALPHABET)
            symbols.append(chr(_ALPHABET * place + digit))
        return "".join(symbols)

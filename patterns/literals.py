"""Finds many sequences of literal values at once: an Aho-Corasick automaton over numbered values."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nerture.patterns.attributes import ATTRIBUTES
from nerture.patterns.automaton import TokenAutomaton
from nerture.patterns.value_cache import ValueCache

if TYPE_CHECKING:
    import numpy.typing as npt


class LiteralIndex:
    """Sequences of values of one attribute, each with a number that its hits report.

    ``values`` maps each value that occurs in a sequence to its number in the automaton.
    """

    def __init__(self, attribute: str, values: Mapping[str, int], automaton: TokenAutomaton) -> None:
        self.attribute, self.values, self.automaton = attribute, values, automaton
        if attribute == "ORTH":  # the value is the form itself
            self._codes: Callable[[Sequence[str]], list[int | None]] = lambda forms: list(
                map(values.get, forms)
            )
        else:
            value_of = ATTRIBUTES[attribute].of
            self._codes = ValueCache[str, int | None](lambda form: values.get(str(value_of(form)))).all

    def find_hits(self, forms: Sequence[str]) -> npt.NDArray[np.int32]:
        """Return every occurrence in the tokens' texts: int32 (H, 3), ``[start, end)`` and the number."""
        return self.automaton.find_hits(self._codes(forms))


class LiteralIndexBuilder:
    """Collects sequences, as numbers, and builds their index."""

    def __init__(self, attribute: str) -> None:
        self.attribute = attribute
        self._values: dict[str, int] = {}
        self._tokens, self._numbers, self._bounds = array("i"), array("i"), array("q", [0])

    def add(self, values: Iterable[str], number: int) -> None:
        """Add a sequence of one value or more; equal sequences may have several numbers."""
        known = self._values
        self._tokens.extend([known.setdefault(value, len(known)) for value in values])
        self._numbers.append(number)
        self._bounds.append(len(self._tokens))

    def build(self) -> LiteralIndex:
        """Return the index of the sequences that were added."""
        automaton = TokenAutomaton.build(
            np.array(self._tokens, np.int32), np.array(self._bounds, np.int64),
            np.array(self._numbers, np.int32),
        )  # fmt: skip
        return LiteralIndex(self.attribute, self._values, automaton)

"""``SurfaceIndex``: where surfaces occur in the texts of a pool."""

from __future__ import annotations

import itertools
from array import array
from collections.abc import Iterable, Sequence

import ahocorasick

from nerture.sessions.pool.text import Text

Surface = tuple[str, ...]
"""The words of an entity, in lower case."""
Place = tuple[int, int]
"""The number of a text, and the token that the surface begins with."""


class SurfaceIndex:
    """Finds words, in any case, in texts; what was found once is kept, for the texts never change.

    A text is cut into words only if it holds a surface's longest word somewhere, which one Aho-Corasick
    automaton over characters tells of all surfaces at once.
    """

    def __init__(self, texts: Sequence[Text]) -> None:
        self._texts = texts
        # text, token, text, token: a long session knows many, and pairs would take ten times the memory
        self._places: dict[Surface, array[int]] = {}

    def of(self, surface: Surface) -> list[Place]:
        """Return the places of a surface, in the order of the texts."""
        self.find((surface,))
        places = self._places[surface]
        return list(zip(places[::2], places[1::2], strict=True))

    def find(self, surfaces: Iterable[Surface]) -> None:
        """Look for several at once, which takes little longer than for one."""
        found = {surface: array("i") for surface in surfaces if surface not in self._places}
        if not found:
            return
        by_word: dict[str, list[Surface]] = {}
        for surface in found:
            by_word.setdefault(max(surface, key=len).casefold(), []).append(surface)
        groups = list(by_word.values())
        automaton = ahocorasick.Automaton()
        for number, word in enumerate(by_word):
            automaton.add_word(word, number)
        automaton.make_automaton()
        for text in self._texts:
            near = {number for _, number in automaton.iter(text.text.casefold())}
            if near:
                words = [word.lower() for word in text.doc.words]
                for surface in itertools.chain.from_iterable(groups[number] for number in near):
                    for start in _starts(words, surface):
                        found[surface].extend((text.number, start))
        self._places.update(found)


def _starts(words: Sequence[str], surface: Surface) -> list[int]:
    first, length = surface[0], len(surface)
    return [
        start
        for start, word in enumerate(words)
        if word == first and tuple(words[start : start + length]) == surface
    ]

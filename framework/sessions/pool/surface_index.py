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
    """Finds surfaces in texts, case-insensitively; results are cached, as the texts never change.

    A text is tokenized only if it contains the longest word of a surface, which one Aho-Corasick automaton
    over characters finds for all surfaces at once.
    """

    def __init__(self, texts: Sequence[Text]) -> None:
        self._texts = texts
        # text, token, text, token, ...: lists of pairs would take ten times the memory
        self._places: dict[Surface, array[int]] = {}

    def find_places(self, surface: Surface) -> list[Place]:
        """Return the places of a surface, in the order of the texts."""
        self.search((surface,))
        places = self._places[surface]
        return list(zip(places[::2], places[1::2], strict=True))

    def search(self, surfaces: Iterable[Surface]) -> None:
        """Search for several surfaces at once, which takes little longer than one."""
        places = {surface: array("i") for surface in surfaces if surface not in self._places}
        if not places:
            return
        by_word: dict[str, list[Surface]] = {}
        for surface in places:
            by_word.setdefault(max(surface, key=len).casefold(), []).append(surface)
        groups = list(by_word.values())
        automaton = ahocorasick.Automaton()
        for number, word in enumerate(by_word):
            automaton.add_word(word, number)
        automaton.make_automaton()
        for text in self._texts:
            groups_hit = {number for _, number in automaton.iter(text.text.casefold())}
            if groups_hit:
                words = [word.lower() for word in text.doc.words]
                for surface in itertools.chain.from_iterable(groups[number] for number in groups_hit):
                    for start in _find_starts(words, surface):
                        places[surface].extend((text.number, start))
        self._places.update(places)


def _find_starts(words: Sequence[str], surface: Surface) -> list[int]:
    first, length = surface[0], len(surface)
    return [
        start
        for start, word in enumerate(words)
        if word == first and tuple(words[start : start + length]) == surface
    ]

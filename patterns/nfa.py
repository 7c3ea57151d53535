"""A pattern with operators as a finite automaton over tokens: linear in the tokens, no backtracking."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nerture.patterns.language import Element, Pattern
from nerture.patterns.predicates import TokenTest
from nerture.patterns.value_cache import ValueCache

Token = tuple[str, bool]
"""A token's text, and whether a space follows it."""


class Nfa:
    """The automaton of one pattern.

    A pattern is written out as positions, one for each token it may take: ``x{2,3}`` is x, x and an optional
    x; ``x+`` is x and a repeated, optional x. A state is the set of positions that may come next, as bits of
    an integer; the bit after the last position says that the pattern is complete. States are made when first
    needed and remembered (a lazy determinisation), so a step costs one look-up. A match has at most
    ``longest`` tokens.
    """

    def __init__(self, pattern: Pattern, max_tokens: int) -> None:
        """Build the automaton; ``max_tokens`` bounds matches of a pattern that has no bound of its own."""
        places: list[tuple[TokenTest, bool, bool]] = []  # test, may be left out, may be repeated
        for test, least, most in (
            (element.test, element.least, element.most) for element in pattern.elements
        ):
            places += [(test, False, False)] * least
            places += [(test, True, True)] if most is None else [(test, True, False)] * (most - least)
        self._bits: dict[TokenTest, int] = {}
        for place, (test, _, _) in enumerate(places):
            self._bits[test] = self._bits.get(test, 0) | 1 << place
        self._optional = sum(1 << place for place, (_, optional, _) in enumerate(places) if optional)
        self._repeated = sum(1 << place for place, (_, _, repeated) in enumerate(places) if repeated)
        self._complete = 1 << len(places)
        self._initial = self._with_skips(1)
        self._fits: ValueCache[Token, int] = ValueCache(self._fitting)
        self._steps: ValueCache[tuple[int, int], int] = ValueCache(self._step)
        self.first = tuple(test for test, bits in self._bits.items() if bits & self._initial)
        """The tests of which a match's first token must fulfil one."""
        least, most = extent(pattern.elements)
        self.longest = max(least, max_tokens) if most is None else most

    def end(self, tokens: Sequence[Token], start: int, stop: int) -> int:
        """Return the end of the longest match that begins at ``start`` and ends by ``stop``; 0 for none."""
        return max(self.ends(tokens, start, stop), default=0)

    def ends(self, tokens: Sequence[Token], start: int, stop: int) -> Iterator[int]:
        """Yield the ends, ascending and at or before ``stop``, of all matches that begin at ``start``."""
        state, steps, fits, complete = self._initial, self._steps, self._fits, self._complete
        for place in range(start, min(stop, start + self.longest)):
            state = steps[state, fits[tokens[place]]]
            if not state:
                return
            if state & complete:
                yield place + 1

    def _fitting(self, token: Token) -> int:
        """Return the positions whose test the token fulfils."""
        form, space = token
        fitting = 0
        for test, bits in self._bits.items():
            if test.holds(form, space):
                fitting |= bits
        return fitting

    def _step(self, given: tuple[int, int]) -> int:
        """Return the state after a token that fits the positions ``given[1]``, from state ``given[0]``."""
        state, fitting = given
        taken = state & fitting
        return self._with_skips((taken & ~self._repeated) << 1 | taken & self._repeated)

    def _with_skips(self, state: int) -> int:
        """Add the positions that are reached by leaving out optional ones."""
        while True:
            wider = state | (state & self._optional) << 1
            if wider == state:
                return state
            state = wider


def extent(elements: Sequence[Element]) -> tuple[int, int | None]:
    """Return how many tokens the elements take, at least and at most (None: no limit)."""
    most = 0
    for element in elements:
        if element.most is None:
            return sum(one.least for one in elements), None
        most += element.most
    return sum(one.least for one in elements), most

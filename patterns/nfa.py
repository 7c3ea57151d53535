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

    A pattern is expanded to positions, one for each token that it may match: ``x{2,3}`` is x, x and an
    optional x; ``x+`` is x and a repeated, optional x. A state is the set of positions that may come next, as
    bits of an integer; the bit after the last position means that the pattern is complete. States are made
    when first needed and cached (lazy determinization), so a step costs one look-up. A match has at most
    ``longest`` tokens.
    """

    def __init__(self, pattern: Pattern, max_tokens: int) -> None:
        """Build the automaton; ``max_tokens`` limits matches of a pattern without a limit of its own."""
        places: list[tuple[TokenTest, bool, bool]] = []  # test, optional, repeatable
        for test, minimum, maximum in (
            (element.test, element.minimum, element.maximum) for element in pattern.elements
        ):
            places += [(test, False, False)] * minimum
            places += [(test, True, True)] if maximum is None else [(test, True, False)] * (maximum - minimum)
        self._bits: dict[TokenTest, int] = {}
        for place, (test, _, _) in enumerate(places):
            self._bits[test] = self._bits.get(test, 0) | 1 << place
        self._optional = sum(1 << place for place, (_, optional, _) in enumerate(places) if optional)
        self._repeated = sum(1 << place for place, (_, _, repeated) in enumerate(places) if repeated)
        self._complete = 1 << len(places)
        self._initial = self._with_skips(1)
        self._fits: ValueCache[Token, int] = ValueCache(self._find_fitting)
        self._steps: ValueCache[tuple[int, int], int] = ValueCache(self._step)
        self.first = tuple(test for test, bits in self._bits.items() if bits & self._initial)
        """The tests of a match's first token, which must pass one of them."""
        minimum, maximum = count_tokens(pattern.elements)
        self.longest = max(minimum, max_tokens) if maximum is None else maximum

    def end(self, tokens: Sequence[Token], start: int, stop: int) -> int:
        """Return the end of the longest match from ``start`` that ends at ``stop`` or before; 0 for none."""
        return max(self.ends(tokens, start, stop), default=0)

    def ends(self, tokens: Sequence[Token], start: int, stop: int) -> Iterator[int]:
        """Yield the ends, ascending, of all matches from ``start`` that end at ``stop`` or before."""
        state, steps, fits, complete = self._initial, self._steps, self._fits, self._complete
        for place in range(start, min(stop, start + self.longest)):
            state = steps[state, fits[tokens[place]]]
            if not state:
                return
            if state & complete:
                yield place + 1

    def _find_fitting(self, token: Token) -> int:
        """Return the positions whose test the token passes."""
        form, space = token
        fitting = 0
        for test, bits in self._bits.items():
            if test.holds(form, space):
                fitting |= bits
        return fitting

    def _step(self, key: tuple[int, int]) -> int:
        """Return the state after the state ``key[0]`` and a token that fits the positions ``key[1]``."""
        state, fitting = key
        taken = state & fitting
        return self._with_skips((taken & ~self._repeated) << 1 | taken & self._repeated)

    def _with_skips(self, state: int) -> int:
        """Add the positions that are reached by skipping optional ones."""
        while True:
            wider = state | (state & self._optional) << 1
            if wider == state:
                return state
            state = wider


def count_tokens(elements: Sequence[Element]) -> tuple[int, int | None]:
    """Return the minimum and maximum number of tokens that the elements match (None for no limit)."""
    maximum = 0
    for element in elements:
        if element.maximum is None:
            return sum(each.minimum for each in elements), None
        maximum += element.maximum
    return sum(each.minimum for each in elements), maximum

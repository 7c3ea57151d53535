"""What may be asked of an attribute's value; every predicate is immutable, comparable and hashable."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from nerture.patterns.attributes import Attribute
from nerture.patterns.fuzzy import within


class Predicate(Protocol):
    """A question about one value."""

    def holds(self, value: Any) -> bool:
        """Answer it."""


@dataclass(frozen=True, slots=True)
class Equal:
    """The value itself."""

    value: str | int | bool

    def holds(self, value: Any) -> bool:
        """Say whether ``value`` is the one asked for."""
        return bool(value == self.value)


@dataclass(frozen=True, slots=True)
class Among:
    """``IN``, and of a single value ``IS_SUBSET`` and ``INTERSECTS``; ``NOT_IN`` if not ``inside``."""

    values: frozenset[str | int]
    inside: bool = True

    def holds(self, value: Any) -> bool:
        """Say whether ``value`` is among the values (or, for ``NOT_IN``, is not)."""
        return (value in self.values) is self.inside


@dataclass(frozen=True, slots=True)
class Superset:
    """``IS_SUPERSET``: of a single value, that it is the only one of the values, or that there are none."""

    values: frozenset[str | int]

    def holds(self, value: Any) -> bool:
        """Say whether the set of ``value`` alone includes the values."""
        return self.values <= {value}


@dataclass(frozen=True, slots=True)
class Regex:
    """``REGEX``, searched anywhere in the value: any expression is found, or, if not ``inside``, none is."""

    expressions: tuple[re.Pattern[str], ...]
    inside: bool = True

    def holds(self, value: Any) -> bool:
        """Say whether any expression is found in ``value``."""
        return any(expression.search(value) for expression in self.expressions) is self.inside


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """``FUZZY``: texts, each with the edits allowed; any is near the value (not ``inside``: none is)."""

    texts: tuple[tuple[str, int], ...]
    inside: bool = True

    def holds(self, value: Any) -> bool:
        """Say whether any text is near ``value``."""
        return any(within(value, text, edits) for text, edits in self.texts) is self.inside


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, ">=": operator.ge, "<=": operator.le,
    ">": operator.gt, "<": operator.lt,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Compare:
    """A comparison with a number."""

    sign: str
    number: int | float

    def holds(self, value: Any) -> bool:
        """Compare ``value``, on the left of the sign, with the number."""
        return COMPARISONS[self.sign](value, self.number)


@dataclass(frozen=True, slots=True)
class Condition:
    """A predicate on an attribute."""

    attribute: Attribute
    predicate: Predicate

    def holds(self, form: str) -> bool:
        """Say whether a token of this text fulfils the condition."""
        return self.predicate.holds(self.attribute.of(form))


@dataclass(frozen=True, slots=True)
class TokenTest:
    """All that a token must fulfil; ``space``: what ``SPACY`` asks for, None where it is not there."""

    conditions: tuple[Condition, ...]
    space: bool | None = None
    negated: bool = False

    def holds(self, form: str, space: bool) -> bool:
        """Say whether a token of text ``form``, followed by a space or not, passes the test."""
        fulfilled = (self.space is None or self.space is space) and all(
            condition.holds(form) for condition in self.conditions
        )
        return fulfilled is not self.negated

"""Predicates on the value of an attribute; all are immutable, comparable and hashable."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from nerture.patterns.attributes import Attribute
from nerture.patterns.fuzzy import is_within


class Predicate(Protocol):
    """A test of one value."""

    def holds(self, value: Any) -> bool:
        """Return True if the value passes the test."""


@dataclass(frozen=True, slots=True)
class Equal:
    """The value itself."""

    value: str | int | bool

    def holds(self, value: Any) -> bool:
        """Return True if ``value`` is equal."""
        return bool(value == self.value)


@dataclass(frozen=True, slots=True)
class Among:
    """``IN``, and of a single value ``IS_SUBSET`` and ``INTERSECTS``; ``NOT_IN`` if not ``inside``."""

    values: frozenset[str | int]
    inside: bool = True

    def holds(self, value: Any) -> bool:
        """Return True if ``value`` is among the values (for ``NOT_IN``, if it is not)."""
        return (value in self.values) is self.inside


@dataclass(frozen=True, slots=True)
class Superset:
    """``IS_SUPERSET`` of a single value: there is no other value in the list."""

    values: frozenset[str | int]

    def holds(self, value: Any) -> bool:
        """Return True if the set of ``value`` alone includes the values."""
        return self.values <= {value}


@dataclass(frozen=True, slots=True)
class Regex:
    """``REGEX``, searched anywhere in the value: any expression is found, or, if not ``inside``, none is."""

    expressions: tuple[re.Pattern[str], ...]
    inside: bool = True

    def holds(self, value: Any) -> bool:
        """Return True if any expression is found in ``value`` (if not ``inside``: if none is)."""
        for expression in self.expressions:
            if expression.search(value):
                return self.inside
        return not self.inside


@dataclass(frozen=True, slots=True)
class Fuzzy:
    """``FUZZY``: texts with their maximum edits; any is near the value, or, if not ``inside``, none is."""

    texts: tuple[tuple[str, int], ...]
    inside: bool = True

    def holds(self, value: Any) -> bool:
        """Return True if any text is near ``value`` (if not ``inside``: if none is)."""
        for text, edits in self.texts:
            if is_within(value, text, edits):
                return self.inside
        return not self.inside


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


@dataclass(frozen=True, slots=True)
class TokenTest:
    """All conditions on a token; ``space`` is the value of ``SPACY``, or None without it."""

    conditions: tuple[Condition, ...]
    space: bool | None = None
    negated: bool = False

    def holds(self, form: str, space: bool) -> bool:
        """Return True if a token with text ``form``, followed by a space or not, passes the test."""
        passed = self.space is None or self.space is space
        if passed:
            for condition in self.conditions:
                if not condition.predicate.holds(condition.attribute.of(form)):
                    passed = False
                    break
        return passed is not self.negated

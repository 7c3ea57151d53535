"""Finds probable mistakes in valid patterns: patterns that can never match, and duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nerture.core.annotations.record import Problem
from nerture.core.format_json import format_json
from nerture.core.text.lexical import norm, shape
from nerture.patterns.language import Pattern
from nerture.patterns.predicates import Among, Condition, Equal

_DIGIT = str.maketrans({"d": "0"})


def lint_patterns(patterns: Iterable[Pattern]) -> list[Problem]:
    """Return probable mistakes: codes ``never-matches`` and ``duplicate-pattern``."""
    problems: list[Problem] = []
    seen: dict[object, Pattern] = {}
    for pattern in patterns:
        first = seen.setdefault((pattern.label, pattern.phrase, pattern.elements), pattern)
        if first is not pattern:
            problems.append(
                Problem(pattern.origin, "duplicate-pattern", f"the same pattern is at {first.origin}")
            )
        for index, element in enumerate(pattern.elements):
            if element.minimum == 0 or element.test.negated:
                continue
            for condition in element.test.conditions:
                problems.extend(
                    Problem(
                        pattern.origin, "never-matches", f"pattern[{index}].{condition.attribute.name}: {why}"
                    )
                    for why in _reasons(condition)
                )
    return problems


def _reasons(condition: Condition) -> Iterator[str]:
    """Yield why no token can satisfy the condition, for each of its values if none is possible."""
    predicate = condition.predicate
    if condition.attribute.kind != "text":
        return
    if isinstance(predicate, Equal):
        values = [str(predicate.value)]
    elif isinstance(predicate, Among) and predicate.inside:
        values = sorted(map(str, predicate.values))
        if not values:
            yield "the list is empty, so no token matches"
    else:
        return
    reasons = [_impossible(condition.attribute.name, value) for value in values]
    if all(reasons):
        yield from reasons


def _impossible(attribute: str, value: str) -> str:
    """Return why no token can have this value, or ''."""
    if not value:
        return "the value is empty, but tokens never are"
    if any(character.isspace() for character in value.strip()):
        return f"{format_json(value)} contains a space, but tokens never do; write one object per token"
    if attribute == "LOWER" and value.lower() != value:
        return f"{format_json(value)} is not in lower case, but LOWER always is"
    if attribute == "NORM" and norm(value) != value:
        return f"{format_json(value)} is not a norm; it would be {format_json(norm(value))}"
    if attribute == "SHAPE" and shape(value.translate(_DIGIT)) != value:
        return f"{format_json(value)} is not a shape: X, x, d for letters and digits, at most four in a row"
    return ""

"""``Constraints``: rules that hold at prediction, whatever the model thinks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from nerture.core.errors import ConflictError, Origin
from nerture.core.suggest_name import nearest
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span
from nerture.errors import ConfigError
from nerture.interfaces import Matcher

REQUIRE, FORBID = "require", "forbid"
"""The roles of matchers in a pipeline that are constraints."""

Hit = tuple[Span, str]
"""A span, and the id of the pattern that hit it."""


class Constraints:
    """What matchers know for certain: the hits of ``forced`` are entities, those of ``forbidden`` are not.

    Within one matcher its overlap policy decides which hits there are. Hits of several that contradict each
    other are a ``ConflictError``.
    """

    def __init__(self, forced: Sequence[Matcher] = (), forbidden: Sequence[Matcher] = ()) -> None:
        self.forced, self.forbidden = tuple(forced), tuple(forbidden)

    def also(self, other: Constraints) -> Constraints:
        """Return both sets of rules as one."""
        return Constraints(self.forced + other.forced, self.forbidden + other.forbidden)

    def __call__(self, doc: Doc, origin: Origin | None = None) -> Target | None:
        """Return what the rules know of a text; None where they know nothing.

        Raises ``ConflictError`` that names both patterns, and the place ``origin`` if it is given.
        """
        there = list(_hits(self.forced, doc))
        absent = list(_hits(self.forbidden, doc))
        if not there and not absent:
            return None
        _agree(there, absent, origin)
        spans, rejected = ([span for span, _ in hits] for hits in (there, absent))
        return Target(doc, tuple(spans), frozenset(), tuple(rejected), origin=origin)


def _hits(matchers: Sequence[Matcher], doc: Doc) -> Iterator[Hit]:
    """Yield what the matchers hit, in order of the start; the same span once, by the first to hit it."""
    found: dict[Span, str] = {}
    for matcher in matchers:
        for start, end, label, pattern in matcher(doc):
            found.setdefault(Span(start, end, label, doc=doc), pattern)
    yield from sorted(found.items(), key=lambda hit: (hit[0].start, hit[0].end))


def _agree(there: Sequence[Hit], absent: Sequence[Hit], origin: Origin | None) -> None:
    """Raise ``ConflictError`` if hits contradict each other."""
    for (one, first), (other, second) in pairwise(there):
        if other.start < one.end:
            raise ConflictError(
                f"constraints: {one} by pattern {first!r} and {other} by pattern {second!r} overlap, "
                "and both are to be there",
                origin,
            )
    forbidden = dict(absent)
    for span, first in there:
        if span in forbidden:
            raise ConflictError(
                f"constraints: {span} is to be there by pattern {first!r}, "
                f"and is forbidden by pattern {forbidden[span]!r}",
                origin,
            )


def given(target: Target, known: Target) -> Target:
    """Return a target that says what both say; ``known`` are constraints, which are complete for no label.

    Raises ``ConflictError`` when a constraint is not among the spans of a label that the target is complete
    for.
    """
    for span in known.spans:
        if target.complete_for(span.label) and span not in target.spans:
            raise ConflictError(
                f"constraints: {span} is to be there, and is not among all there are", target.origin
            )
    return replace(
        target,
        spans=tuple(dict.fromkeys((*target.spans, *known.spans))),
        rejected=tuple(dict.fromkeys((*target.rejected, *known.rejected))),
    )


def check_labels(matcher: Matcher, labels: Sequence[str], where: str) -> None:
    """Raise ``ConfigError`` if a matcher that is a constraint knows labels that the model does not give."""
    for label in matcher.labels:
        if label not in labels:
            near = nearest(label, labels)
            hint = f"; did you mean {near}?" if near else ""
            raise ConfigError(
                f"{where}: found the label {label!r}, allowed for a constraint are the model's: "
                f"{', '.join(labels)}{hint}"
            )

"""``Constraints``: rules that hold at prediction, whatever the model predicts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from nerture.core.errors import ConflictError, Origin
from nerture.core.suggest_name import suggest_name
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span
from nerture.errors import ConfigError
from nerture.interfaces import Matcher

Hit = tuple[Span, str]
"""A span, and the id of the pattern that matched it."""


class Constraints:
    """Rules of matchers: the hits of ``forced`` are entities, those of ``forbidden`` are not.

    The overlap policy of a matcher decides which hits it has. Hits of several matchers that contradict each
    other are a ``ConflictError``.
    """

    def __init__(self, forced: Sequence[Matcher] = (), forbidden: Sequence[Matcher] = ()) -> None:
        self.forced, self.forbidden = tuple(forced), tuple(forbidden)

    def also(self, other: Constraints) -> Constraints:
        """Return both sets of rules as one."""
        return Constraints(self.forced + other.forced, self.forbidden + other.forbidden)

    def __call__(self, doc: Doc, origin: Origin | None = None) -> Target | None:
        """Return what the rules say about a text; None if they say nothing.

        Raises ``ConflictError`` that names both patterns, and ``origin`` if it is given.
        """
        required = list(_find_hits(self.forced, doc))
        forbidden = list(_find_hits(self.forbidden, doc))
        if not required and not forbidden:
            return None
        _check_agreement(required, forbidden, origin)
        spans, rejected = ([span for span, _ in hits] for hits in (required, forbidden))
        return Target(doc, tuple(spans), frozenset(), tuple(rejected), origin=origin)


def _find_hits(matchers: Sequence[Matcher], doc: Doc) -> Iterator[Hit]:
    """Yield the matchers' hits in order of the start; a span once, with the first pattern that matched it."""
    hits: dict[Span, str] = {}
    for matcher in matchers:
        for start, end, label, pattern in matcher(doc):
            hits.setdefault(Span(start, end, label, doc=doc), pattern)
    yield from sorted(hits.items(), key=lambda hit: (hit[0].start, hit[0].end))


def _check_agreement(required: Sequence[Hit], forbidden: Sequence[Hit], origin: Origin | None) -> None:
    """Raise ``ConflictError`` if hits contradict each other."""
    for (left, first), (right, second) in pairwise(required):
        if right.start < left.end:
            raise ConflictError(
                f"constraints: {left}, required by pattern {first!r}, and {right}, required by pattern "
                f"{second!r}, overlap",
                origin,
            )
    forbidding = dict(forbidden)
    for span, pattern in required:
        if span in forbidding:
            raise ConflictError(
                f"constraints: {span} is required by pattern {pattern!r}, "
                f"and forbidden by pattern {forbidding[span]!r}",
                origin,
            )


def combine_targets(target: Target, known: Target) -> Target:
    """Return a target that says what both say; ``known`` are constraints, which are complete for no label.

    Raises ``ConflictError`` if a required span is missing in a target that is complete for its label.
    """
    for span in known.spans:
        if target.is_complete_for(span.label) and span not in target.spans:
            raise ConflictError(
                f"constraints: {span} is required, but missing in a target complete for {span.label}",
                target.origin,
            )
    return replace(
        target,
        spans=tuple(dict.fromkeys((*target.spans, *known.spans))),
        rejected=tuple(dict.fromkeys((*target.rejected, *known.rejected))),
    )


def check_labels(matcher: Matcher, labels: Sequence[str], where: str) -> None:
    """Raise ``ConfigError`` if a matcher used as constraint has labels that the model does not have."""
    for label in matcher.labels:
        if label not in labels:
            near = suggest_name(label, labels)
            hint = f"; did you mean {near}?" if near else ""
            raise ConfigError(
                f"{where}: expected constraints with the model's labels, one of {', '.join(labels)}, "
                f"got {label!r}{hint}"
            )

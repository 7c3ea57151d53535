"""The label source ``weak``: what rules find in raw texts, believed as far as the rules deserve it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from nerture.core.annotations.pattern_stats import PatternCounts, read_pattern_records
from nerture.core.annotations.teacher_targets import names_of
from nerture.errors import ConfigError, Origin
from nerture.hookspecs import hookimpl
from nerture.interfaces import (
    Belief,
    Doc,
    Format,
    Matcher,
    Offsets,
    Problem,
    Record,
    Register,
    Services,
    Source,
    SourceOptions,
    Span,
    Target,
)

ROLE = "weak"


class WeakOptions(SourceOptions):
    """Options of the source ``weak``."""

    default_loss: ClassVar[str] = "lattice"

    path: str
    """The texts."""
    format: Format = None
    """The reader's name, or ``{use: NAME, ...}`` with its options; by default the file itself says it."""
    patterns: str | list[str] | None = Field(default=None, min_length=1)
    """Pattern files; by default the pipeline's matchers with the role ``weak`` are asked."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """Labels of the rules to labels of the pipeline; null: not ours, left out."""
    reliability: float = Field(default=0.8, gt=0, lt=1)
    """Share of hits that are right, of a pattern that nothing else is known about."""
    pattern_stats: str | None = None
    """A file of answers counted by pattern: a row has ``pattern`` (its id), ``accepted``, ``rejected``."""
    prior_strength: float = Field(default=10.0, gt=0, allow_inf_nan=False)
    """So many answers weigh as much as ``reliability``."""
    overlap: Literal["reliable", "longest", "first", "all"] = "reliable"
    """Which of several hits that overlap is believed: the most reliable, the longest, the first, or all."""
    include_unmatched: bool = False
    """Texts without a hit come too, for losses that look at every text, such as ``entity_ratio``."""


class Hit(NamedTuple):
    """A span that a rule found, and how reliable the rule is."""

    span: Span
    reliability: float


ORDERS: Mapping[str, Callable[[Hit], tuple[float, ...]]] = MappingProxyType(
    {
        "reliable": lambda hit: (-hit.reliability, -len(hit.span), hit.span.start),
        "longest": lambda hit: (-len(hit.span), -hit.reliability, hit.span.start),
        "first": lambda hit: (hit.span.start, -len(hit.span), -hit.reliability),
    }
)
"""The order in which hits are taken, each unless it overlaps one that was taken before."""


class Weak:
    """Believes each hit of the rules with the probability that the rule is right: a ``Source``."""

    def __init__(self, options: WeakOptions, services: Services) -> None:
        self.options, self.services = options, services
        self.matchers = _matchers(options, services)
        labels = tuple(dict.fromkeys(label for matcher in self.matchers for label in matcher.labels))
        self.names = names_of(labels, options.map, services.labels, "the matcher")
        self.records: dict[str, PatternCounts] = {}
        if options.pattern_stats is not None:
            self.records = read_pattern_records(
                services.resolve(options.pattern_stats), options.pattern_stats
            )

    def targets(self) -> Iterator[Target | Problem]:
        """Yield a target for each text with a hit, or for every text with ``include_unmatched``."""
        for row in self.services.read(self.options.path, self.options.format):
            if isinstance(row, Problem):
                yield row
                continue
            doc = self.services.doc(row)
            beliefs = tuple(Belief(hit.span, hit.reliability) for hit in self._hits(doc))
            if beliefs or self.options.include_unmatched:
                yield Target(doc, complete=frozenset(), beliefs=beliefs, origin=row.origin)

    def _hits(self, doc: Doc) -> list[Hit]:
        """Return the hits that are believed, in order of their start; of the same span the most reliable."""
        options = self.options
        best: dict[tuple[int, int, str], Hit] = {}
        for matcher in self.matchers:
            for start, end, label, pattern in matcher(doc):
                name = self.names[label]
                if name is None:
                    continue
                record = self.records.get(pattern, PatternCounts())
                hit = Hit(
                    doc.span(start, end, name),
                    record.reliability(options.reliability, options.prior_strength),
                )
                before = best.get((start, end, name), hit)
                best[start, end, name] = max(before, hit, key=lambda found: found.reliability)
        taken: list[Hit] = []
        if options.overlap == "all":
            taken = list(best.values())
        else:
            for hit in sorted(best.values(), key=ORDERS[options.overlap]):
                if all(_apart(hit.span, other.span) for other in taken):
                    taken.append(hit)
        return sorted(taken, key=lambda hit: (hit.span.start, hit.span.end))


def _apart(one: Span, other: Span) -> bool:
    return one.end <= other.start or other.end <= one.start


def _matchers(options: WeakOptions, services: Services) -> tuple[Matcher, ...]:
    from nerture.patterns import PatternSet, open_patterns

    if options.patterns is None:
        found = services.matchers(ROLE)
        if not found:
            raise ConfigError(f"no rules: name `patterns`, or a matcher of the pipeline `as: {ROLE}`")
        return found

    def tokenize(text: str) -> Offsets:
        return services.doc(Record(text, Origin("<pattern>"))).offsets

    # which of the hits that overlap is believed depends on their reliability, so all are wanted
    patterns = open_patterns(options.patterns, tokenize, services.resolve)
    return (PatternSet(patterns, tokenize, "all"),)


def make_weak(options: WeakOptions, services: Services) -> Source:
    """Make the source ``weak``."""
    return Weak(options, services)


@hookimpl
def nerture_register_sources(register: Register) -> None:
    """Hand in ``weak``."""
    register("weak", make_weak, config=WeakOptions)

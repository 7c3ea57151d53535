"""The label source ``weak``: hits of rules in raw texts, with the reliability of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from nerture import hookimpl
from nerture.errors import ConfigError
from nerture.interfaces import (
    Belief,
    Doc,
    Format,
    Matcher,
    Offsets,
    Origin,
    PatternCounts,
    Problem,
    Record,
    Register,
    Services,
    Source,
    SourceOptions,
    Span,
    Target,
    map_labels,
    read_pattern_stats,
)

ROLE = "weak"


class WeakOptions(SourceOptions):
    """Options of the source ``weak``."""

    default_loss: ClassVar[str] = "lattice"

    path: str
    """The texts."""
    format: Format = None
    """The reader's name, or ``{use: NAME, ...}`` with its options; by default the file decides."""
    patterns: str | list[str] | None = Field(default=None, min_length=1)
    """Pattern files; by default the pipeline's matchers with the role ``weak`` are used."""
    map: dict[str, str | None] = Field(default_factory=dict)
    """Labels of the rules to labels of the pipeline; null for labels to skip."""
    reliability: float = Field(default=0.8, gt=0, lt=1)
    """Share of right hits of a pattern without statistics."""
    pattern_stats: str | None = None
    """A file of answers per pattern: rows with ``pattern`` (its id), ``accepted``, ``rejected``."""
    prior_strength: float = Field(default=10.0, gt=0, allow_inf_nan=False)
    """The number of answers that weigh as much as ``reliability``."""
    overlap: Literal["reliable", "longest", "first", "all"] = "reliable"
    """Which of overlapping hits is used: the most reliable, the longest, the first, or all."""
    include_unmatched: bool = False
    """Include texts without a hit, for losses that use every text, such as ``entity_ratio``."""


class Hit(NamedTuple):
    """A span that a rule found, and the reliability of the rule."""

    span: Span
    reliability: float


ORDERS: Mapping[str, Callable[[Hit], tuple[float, ...]]] = MappingProxyType(
    {
        "reliable": lambda hit: (-hit.reliability, -len(hit.span), hit.span.start),
        "longest": lambda hit: (-len(hit.span), -hit.reliability, hit.span.start),
        "first": lambda hit: (hit.span.start, -len(hit.span), -hit.reliability),
    }
)
"""The order in which hits are chosen; a hit that overlaps one that was chosen before is dropped."""


class Weak:
    """Makes each hit a belief with the reliability of its rule as probability: a ``Source``."""

    def __init__(self, options: WeakOptions, services: Services) -> None:
        self.options, self.services = options, services
        self.matchers = _load_matchers(options, services)
        labels = tuple(dict.fromkeys(label for matcher in self.matchers for label in matcher.labels))
        self.names = map_labels(labels, options.map, services.labels, "the matcher")
        self.records: dict[str, PatternCounts] = {}
        if options.pattern_stats is not None:
            self.records = read_pattern_stats(services.resolve(options.pattern_stats), options.pattern_stats)

    def targets(self) -> Iterator[Target | Problem]:
        """Yield a target for each text with a hit, or for every text with ``include_unmatched``."""
        for row in self.services.read(self.options.path, self.options.format):
            if isinstance(row, Problem):
                yield row
                continue
            doc = self.services.doc(row)
            beliefs = tuple(Belief(hit.span, hit.reliability) for hit in self._find_hits(doc))
            if beliefs or self.options.include_unmatched:
                yield Target(doc, complete=frozenset(), beliefs=beliefs, origin=row.origin)

    def _find_hits(self, doc: Doc) -> list[Hit]:
        """Return the hits to use, in order of their start; for each span the most reliable one."""
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
                known = best.get((start, end, name), hit)
                best[start, end, name] = max(known, hit, key=lambda item: item.reliability)
        chosen: list[Hit] = []
        if options.overlap == "all":
            chosen = list(best.values())
        else:
            for hit in sorted(best.values(), key=ORDERS[options.overlap]):
                if not any(hit.span.overlaps(other.span) for other in chosen):
                    chosen.append(hit)
        return sorted(chosen, key=lambda hit: (hit.span.start, hit.span.end))


def _load_matchers(options: WeakOptions, services: Services) -> tuple[Matcher, ...]:
    from nerture.interfaces import PatternSet, open_patterns

    if options.patterns is None:
        matchers = services.matchers(ROLE)
        if not matchers:
            raise ConfigError(f"patterns: missing; name some, or give a matcher of the pipeline `as: {ROLE}`")
        return matchers

    def tokenize(text: str) -> Offsets:
        return services.doc(Record(text, Origin("<pattern>"))).offsets

    # all hits are needed, since their reliability decides which of overlapping ones is used
    patterns = open_patterns(options.patterns, tokenize, services.resolve)
    return (PatternSet(patterns, tokenize, "all"),)


def make_weak(options: WeakOptions, services: Services) -> Source:
    """Make the source ``weak``."""
    return Weak(options, services)


@hookimpl
def nerture_register_sources(register: Register) -> None:
    """Register ``weak``."""
    register("weak", make_weak, config=WeakOptions)

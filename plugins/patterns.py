"""The matcher ``patterns``: rules from pattern files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from nerture.core.text.match import Match
from nerture.errors import Origin, PatternError
from nerture.hookspecs import hookimpl
from nerture.interfaces import Doc, Offsets, Options, Record, Register, Services
from nerture.patterns.overlap import MAX_TOKENS, Overlap
from nerture.patterns.row_errors import nearest

if TYPE_CHECKING:
    from nerture.patterns import Pattern


class PatternOptions(Options):
    """Options of the matcher ``patterns``."""

    path: str | list[str] = Field(min_length=1)
    """A pattern file, or several; ``starter:NAME`` is a list that comes with nerture. A compiled one goes
    alone."""

    overlap: Overlap = "longest"
    """Which of several overlapping matches are kept."""

    labels: list[str] | None = Field(default=None, min_length=1)
    """Only the patterns of these labels (default: all)."""

    ids: list[str] | None = Field(default=None, min_length=1)
    """Only the patterns with these ids (default: all)."""

    max_tokens: int = Field(default=MAX_TOKENS, ge=1)
    """The longest match, in tokens, of a pattern that has no upper bound of its own."""


class PatternMatcher:
    """Finds what the patterns of the options describe; a ``Matcher``."""

    def __init__(self, options: PatternOptions, services: Services) -> None:
        """Read and compile the patterns; raises what reading and compiling them raises."""
        from nerture.patterns import PatternSet, load_patterns, open_patterns

        def tokenize(text: str) -> Offsets:
            return services.doc(Record(text, Origin("<pattern>"))).offsets

        if options.labels is None and options.ids is None:
            patterns = open_patterns(options.path, tokenize, services.resolve)
        else:
            patterns = load_patterns(options.path, services.resolve)
            if options.labels is not None:
                patterns = _only(patterns, "label", options.labels)
            if options.ids is not None:
                patterns = _only(patterns, "id", options.ids)
        self._patterns = PatternSet(patterns, tokenize, options.overlap, options.max_tokens)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the patterns, in the order of the files."""
        return self._patterns.labels

    def __call__(self, doc: Doc) -> list[Match]:
        """Return the matches that the overlap policy keeps, in order of their start."""
        return self._patterns.match(doc)


def _only(patterns: list[Pattern], field: str, wanted: list[str]) -> list[Pattern]:
    """Keep the patterns whose label or id is wanted; raises ``PatternError`` for one that no pattern has."""
    present = dict.fromkeys(getattr(pattern, field) for pattern in patterns)
    for name in wanted:
        if name not in present:
            raise PatternError(f"{field}s: no pattern has the {field} {name!r}; {nearest(name, present)}")
    return [pattern for pattern in patterns if getattr(pattern, field) in wanted]


@hookimpl
def nerture_register_matchers(register: Register) -> None:
    """Hand in the matcher ``patterns``."""
    register("patterns", PatternMatcher, config=PatternOptions)

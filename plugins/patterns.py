"""The matcher ``patterns``: rules from pattern files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from nerture import hookimpl
from nerture.errors import PatternError
from nerture.interfaces import (
    DEFAULT_MAX_TOKENS,
    Doc,
    Match,
    Offsets,
    Options,
    Origin,
    Overlap,
    Record,
    Register,
    Services,
    suggest_name,
)

if TYPE_CHECKING:
    from nerture.interfaces import Pattern


class PatternOptions(Options):
    """Options of the matcher ``patterns``."""

    path: str | list[str] = Field(min_length=1)
    """A pattern file or a list of them; ``starter:NAME`` is one that comes with nerture. A compiled file
    cannot be combined with others."""

    overlap: Overlap = "longest"
    """Which of overlapping matches are kept."""

    labels: list[str] | None = Field(default=None, min_length=1)
    """Only the patterns of these labels (default: all)."""

    ids: list[str] | None = Field(default=None, min_length=1)
    """Only the patterns with these ids (default: all)."""

    max_tokens: int = Field(default=DEFAULT_MAX_TOKENS, ge=1)
    """The longest match, in tokens, of a pattern without an upper limit of its own."""


class PatternMatcher:
    """Finds the patterns of the options: a ``Matcher``."""

    def __init__(self, options: PatternOptions, services: Services) -> None:
        """Read and compile the patterns; raises what this raises."""
        from nerture.interfaces import PatternSet, load_patterns, open_patterns

        def tokenize(text: str) -> Offsets:
            return services.doc(Record(text, Origin("<pattern>"))).offsets

        if options.labels is None and options.ids is None:
            patterns = open_patterns(options.path, tokenize, services.resolve)
        else:
            patterns = load_patterns(options.path, services.resolve)
            if options.labels is not None:
                patterns = _select(patterns, "label", options.labels)
            if options.ids is not None:
                patterns = _select(patterns, "id", options.ids)
        self._patterns = PatternSet(patterns, tokenize, options.overlap, options.max_tokens)

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the patterns, in the order of the files."""
        return self._patterns.labels

    def __call__(self, doc: Doc) -> list[Match]:
        """Return the matches that the overlap policy keeps, in order of their start."""
        return self._patterns.match(doc)


def _select(patterns: list[Pattern], field: str, names: list[str]) -> list[Pattern]:
    """Keep the patterns with these labels or ids; raises ``PatternError`` for one that no pattern has."""
    present = dict.fromkeys(getattr(pattern, field) for pattern in patterns)
    for name in names:
        if name not in present:
            near = suggest_name(name, present)
            hint = f"did you mean {near!r}?" if near else f"expected one of {', '.join(present)}"
            raise PatternError(f"{field}s: no pattern has the {field} {name!r}; {hint}")
    return [pattern for pattern in patterns if getattr(pattern, field) in names]


@hookimpl
def nerture_register_matchers(register: Register) -> None:
    """Register the matcher ``patterns``."""
    register("patterns", PatternMatcher, config=PatternOptions)

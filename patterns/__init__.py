"""The pattern language: reads, checks and matches rules of tokens from JSONL files; imports only the core.

>>> patterns = parse_patterns([{"label": "FRUIT", "pattern": [{"LOWER": "blood"}, {"LOWER": "orange"}]}])
>>> PatternSet(patterns).match(Doc.from_words(["A", "Blood", "orange"]))
[Match(start=1, end=3, label='FRUIT', pattern='1')]

Importing the package is cheap: its names are imported on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nerture.core.text.match import Match
    from nerture.patterns.attributes import ATTRIBUTES, REFUSED
    from nerture.patterns.compiled import CompiledPatterns, compile_patterns
    from nerture.patterns.compiled_file import is_compiled, load_compiled, to_bytes
    from nerture.patterns.files import PREFIX, load_patterns, open_patterns, starter_names, starter_path
    from nerture.patterns.language import Element, Pattern, parse_patterns, read_patterns
    from nerture.patterns.lint import lint_patterns
    from nerture.patterns.overlap import DEFAULT_MAX_TOKENS, POLICIES, Overlap
    from nerture.patterns.pattern_set import PatternSet

__all__ = [
    "ATTRIBUTES", "DEFAULT_MAX_TOKENS", "POLICIES", "PREFIX", "REFUSED", "CompiledPatterns", "Element",
    "Match", "Overlap", "Pattern", "PatternSet", "compile_patterns", "is_compiled", "lint_patterns",
    "load_compiled", "load_patterns", "open_patterns", "parse_patterns", "read_patterns", "starter_names",
    "starter_path", "to_bytes",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    homes = {
        "nerture.core.text.match": ("Match",),
        "nerture.patterns.attributes": ("ATTRIBUTES", "REFUSED"),
        "nerture.patterns.compiled": ("CompiledPatterns", "compile_patterns"),
        "nerture.patterns.compiled_file": ("is_compiled", "load_compiled", "to_bytes"),
        "nerture.patterns.files": (
            "PREFIX", "load_patterns", "open_patterns", "starter_names", "starter_path",
        ),
        "nerture.patterns.language": ("Element", "Pattern", "parse_patterns", "read_patterns"),
        "nerture.patterns.lint": ("lint_patterns",),
        "nerture.patterns.overlap": ("DEFAULT_MAX_TOKENS", "POLICIES", "Overlap"),
        "nerture.patterns.pattern_set": ("PatternSet",),
    }  # fmt: skip
    for home, names in homes.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

"""The pattern language: rules of tokens from JSONL files, read, checked and matched; imports the core alone.

>>> patterns = parse_patterns([{"label": "FRUIT", "pattern": [{"LOWER": "blood"}, {"LOWER": "orange"}]}])
>>> PatternSet(patterns).match(Doc.from_words(["A", "Blood", "orange"]))
[Match(start=1, end=3, label='FRUIT', pattern='1')]
"""

from __future__ import annotations

from nerture.core.match import Match
from nerture.patterns.attributes import ATTRIBUTES, REFUSED
from nerture.patterns.compiled import CompiledPatterns, compile_patterns
from nerture.patterns.compiled_file import is_compiled, load_compiled, to_bytes
from nerture.patterns.files import PREFIX, load_patterns, open_patterns, starter_names, starter_path
from nerture.patterns.language import Element, Pattern, parse_patterns, read_patterns
from nerture.patterns.lint import lint_patterns
from nerture.patterns.overlap import POLICIES, Overlap
from nerture.patterns.pattern_set import MAX_TOKENS, PatternSet

__all__ = [
    "ATTRIBUTES", "MAX_TOKENS", "POLICIES", "PREFIX", "REFUSED", "CompiledPatterns", "Element", "Match",
    "Overlap", "Pattern", "PatternSet", "compile_patterns", "is_compiled", "lint_patterns", "load_compiled",
    "load_patterns", "open_patterns", "parse_patterns", "read_patterns", "starter_names", "starter_path",
    "to_bytes",
]  # fmt: skip

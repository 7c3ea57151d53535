"""What each kind of plugin must look like, and everything else that plugins use of nerture.

The Protocols say what the host calls, with shapes and units: N tokens of a batch, K lengths of an open
entity, L labels; character offsets count code points. ``Options`` and its subclasses are the bases of
options. The other names are helpers, which the built-in plugins use as well; they are imported on first use.

Besides these, plugins need only ``nerture.hookimpl`` and ``nerture.errors``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from nerture.core.annotations.record import CharSpan, Problem, Record
from nerture.core.errors import Origin
from nerture.core.lattice.scores import Scores
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Belief, Target
from nerture.core.text.doc import Align, Doc, Offsets, Span, Token
from nerture.core.text.match import Match
from nerture.interfaces.options import Format, Options, RowsOptions, SourceOptions
from nerture.interfaces.protocols import (
    AnswerEvent,
    Ask,
    Candidate,
    Commands,
    Evaluation,
    Factory,
    FloatArray,
    Kind,
    Loss,
    Matcher,
    Mode,
    Predictor,
    Reader,
    Reason,
    Register,
    Services,
    Sorter,
    Source,
    Tokenizer,
    Verdict,
    Writer,
)
from nerture.interfaces.reading import read_rows

if TYPE_CHECKING:
    from nerture.core.annotations.answer_rows import ParsedAnswer, find_answer_problem, parse_answer
    from nerture.core.annotations.json_rows import (
        format_value,
        has_entities_as_spans,
        read_json_row,
        read_row,
    )
    from nerture.core.annotations.label_map import LabelMap
    from nerture.core.annotations.line_reader import Line, decode_lines
    from nerture.core.annotations.literal_reader import Item, split_items
    from nerture.core.annotations.pattern_stats import PatternCounts, read_pattern_stats
    from nerture.core.annotations.probability_rows import has_tags, read_teacher_row
    from nerture.core.annotations.span_alignment import align_spans
    from nerture.core.annotations.span_validation import as_tokens, find_span_faults, format_span
    from nerture.core.annotations.tag_schemes import (
        Scheme,
        WrittenScheme,
        is_tag,
        spans_to_tags,
        tags_to_spans,
    )
    from nerture.core.annotations.teacher_targets import check_label, make_teacher_targets, map_labels
    from nerture.core.lattice.conditioning import condition_spans
    from nerture.core.lattice.derivations import Derivations
    from nerture.core.lattice.distillation import cross_entropy, teacher_shares
    from nerture.core.lattice.dynamic_oracle import imitate
    from nerture.core.lattice.expectation import expected_entity_tokens
    from nerture.core.lattice.forward_backward import log_probabilities
    from nerture.core.lattice.span_costs import target_costs
    from nerture.core.suggest_name import suggest_name
    from nerture.core.targets.consistency import check_consistency
    from nerture.core.targets.merging import merge
    from nerture.core.targets.projection import to_tokens, to_touched_tokens
    from nerture.core.targets.span_mixtures import (
        MIN_PROBABILITY,
        average_probabilities,
        overrule_spans,
        prune_spans,
        rename_labels,
    )
    from nerture.core.text.english import english_rules, english_tokenizer
    from nerture.core.text.rule_tokenizer import RuleTokenizer
    from nerture.core.text.token_rules import check_special_case
    from nerture.core.text.unicode_tokenizer import UnicodeTokenizer
    from nerture.core.text.whitespace_tokenizer import whitespace_tokenizer
    from nerture.patterns import (
        DEFAULT_MAX_TOKENS,
        Overlap,
        Pattern,
        PatternSet,
        load_patterns,
        open_patterns,
    )

__all__ = [  # noqa: RUF022 (grouped)
    # kinds of plugins
    "Commands", "Evaluation", "Factory", "Loss", "Matcher", "Predictor", "Reader", "Register", "Services",
    "Sorter", "Source", "Tokenizer", "Writer",
    # options
    "Format", "Options", "RowsOptions", "SourceOptions", "read_rows",
    # sessions
    "AnswerEvent", "Ask", "Candidate", "Kind", "Mode", "Reason", "Verdict",
    # documents
    "Align", "CharSpan", "Doc", "Match", "Offsets", "Origin", "Problem", "Record", "Span", "Token",
    # supervision of texts
    "Belief", "SpanProbabilities", "Target", "check_consistency", "merge",
    # losses
    "Derivations", "FloatArray", "Scores", "cross_entropy", "expected_entity_tokens", "imitate",
    "log_probabilities", "target_costs", "teacher_shares",
    # readers and writers
    "Item", "Line", "Scheme", "WrittenScheme", "decode_lines", "format_value", "has_entities_as_spans",
    "is_tag", "read_json_row", "read_row", "spans_to_tags", "split_items", "tags_to_spans",
    # label sources
    "LabelMap", "ParsedAnswer", "PatternCounts", "align_spans", "as_tokens", "find_answer_problem",
    "find_span_faults", "format_span", "parse_answer", "read_pattern_stats",
    # teachers
    "MIN_PROBABILITY", "average_probabilities", "check_label", "condition_spans", "has_tags",
    "make_teacher_targets", "map_labels", "overrule_spans", "prune_spans", "read_teacher_row",
    "rename_labels", "to_tokens", "to_touched_tokens",
    # tokenizers
    "RuleTokenizer", "UnicodeTokenizer", "check_special_case", "english_rules", "english_tokenizer",
    "whitespace_tokenizer",
    # patterns
    "DEFAULT_MAX_TOKENS", "Overlap", "Pattern", "PatternSet", "load_patterns", "open_patterns",
    # messages
    "suggest_name",
]  # fmt: skip

_HOMES = {
    "nerture.core.annotations.answer_rows": ("ParsedAnswer", "find_answer_problem", "parse_answer"),
    "nerture.core.annotations.json_rows": (
        "format_value",
        "has_entities_as_spans",
        "read_json_row",
        "read_row",
    ),
    "nerture.core.annotations.label_map": ("LabelMap",),
    "nerture.core.annotations.line_reader": ("Line", "decode_lines"),
    "nerture.core.annotations.literal_reader": ("Item", "split_items"),
    "nerture.core.annotations.pattern_stats": ("PatternCounts", "read_pattern_stats"),
    "nerture.core.annotations.probability_rows": ("has_tags", "read_teacher_row"),
    "nerture.core.annotations.span_alignment": ("align_spans",),
    "nerture.core.annotations.span_validation": ("as_tokens", "find_span_faults", "format_span"),
    "nerture.core.annotations.tag_schemes": (
        "Scheme",
        "WrittenScheme",
        "is_tag",
        "spans_to_tags",
        "tags_to_spans",
    ),
    "nerture.core.annotations.teacher_targets": ("check_label", "make_teacher_targets", "map_labels"),
    "nerture.core.lattice.conditioning": ("condition_spans",),
    "nerture.core.lattice.derivations": ("Derivations",),
    "nerture.core.lattice.distillation": ("cross_entropy", "teacher_shares"),
    "nerture.core.lattice.dynamic_oracle": ("imitate",),
    "nerture.core.lattice.expectation": ("expected_entity_tokens",),
    "nerture.core.lattice.forward_backward": ("log_probabilities",),
    "nerture.core.lattice.span_costs": ("target_costs",),
    "nerture.core.suggest_name": ("suggest_name",),
    "nerture.core.targets.consistency": ("check_consistency",),
    "nerture.core.targets.merging": ("merge",),
    "nerture.core.targets.projection": ("to_tokens", "to_touched_tokens"),
    "nerture.core.targets.span_mixtures": (
        "MIN_PROBABILITY",
        "average_probabilities",
        "overrule_spans",
        "prune_spans",
        "rename_labels",
    ),
    "nerture.core.text.english": ("english_rules", "english_tokenizer"),
    "nerture.core.text.rule_tokenizer": ("RuleTokenizer",),
    "nerture.core.text.token_rules": ("check_special_case",),
    "nerture.core.text.unicode_tokenizer": ("UnicodeTokenizer",),
    "nerture.core.text.whitespace_tokenizer": ("whitespace_tokenizer",),
    "nerture.patterns": (
        "DEFAULT_MAX_TOKENS",
        "Overlap",
        "Pattern",
        "PatternSet",
        "load_patterns",
        "open_patterns",
    ),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_HOME_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__

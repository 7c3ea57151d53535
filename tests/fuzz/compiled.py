"""Fuzz target: files of compiled patterns through loading and matching.

The input is the file, byte for byte, if it begins like one, and else the file written out as text
(``arrays_as_text``): so the automaton's arrays are reached, too, which random bytes hardly ever are.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any, get_args

from nerture.core.errors import NertureError
from nerture.core.text.doc import Doc
from nerture.patterns import (
    Overlap,
    PatternSet,
    compile_patterns,
    is_compiled,
    load_compiled,
    parse_patterns,
    to_bytes,
)
from nerture.patterns.automaton import ARRAYS

from .arrays_as_text import TYPES, file_of, text_of

_POLICIES: tuple[Overlap, ...] = get_args(Overlap)
_MAX_TOKENS = 6
_TEXT = (
    "Blood orange or blood orange (sweet), 5 mg of Lemon; Parts 12: everything, "
    "caf\u00e9 \U0001f34a, a b a b c a a b d blood blood orange (sweet)"
)
_LITERAL: list[Any] = ["a b", "b c", "a", "a b a b c", "b a b d", [{"LOWER": "blood"}, {"LOWER": "orange"}]]
_MIXED: list[Any] = [
    "orange (sweet)", "caf\u00e9 \U0001f34a", [{"SHAPE": "Xxxxx"}, {"SHAPE": "dd"}],
    [{"LOWER": "blood", "OP": "?"}, {"LOWER": {"IN": ["orange", "lemon"]}}], [{"LENGTH": {">=": 9}}],
    [{"LIKE_NUM": True}, {"NORM": "mg"}], [{"LOWER": "b", "OP": "+"}, {"ORTH": "c"}],
    [{"OP": "*"}, {"LOWER": "a"}, {"LOWER": "b"}],
]  # fmt: skip


def words() -> list[bytes]:
    """Return names in the file and numbers at the edge of their types: the fuzzer's dictionary."""
    names = [
        "kind",
        "format",
        "labels",
        "attributes",
        "rules",
        "sample",
        "label_of",
        "ids",
        "values",
        *ARRAYS,
    ]
    texts = [*names, *(f"LOWER.{part}" for part in ARRAYS), *(f" {kind} " for kind in (*TYPES, "text"))]
    texts += ["2147483647", "-1", "4294967296", "18446744073709551615", "nerture patterns", '"ORTH"', "\n"]
    texts += ['"dtype":"I32"', '"U64"', '"BF16"', '"BOOL"', '"shape":[', '"data_offsets":[0,', "__metadata__"]
    return [text.encode() for text in texts]


def seeds() -> list[bytes]:
    """Return files to begin with, as they are and as text."""
    files = [_file([]), _file(_LITERAL[:1]), _file(_LITERAL), _file(_MIXED), _file([*_MIXED, *_LITERAL])]
    texts = [text_of(file, (".values", "ids")) for file in files]
    wrong = [texts[3].replace(b'"rules": [[', b'"rules": [[-'), texts[0].replace(b"[]", b"[" * 1000)]
    return [*files, *texts, *wrong]


def examine(data: bytes) -> None:
    """Load and match; raises ``AssertionError`` where a file that loads gives matches outside the text."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "patterns"
        file.write_bytes(data)
        if not is_compiled(file):
            file.write_bytes(file_of(data))
        try:
            compiled = load_compiled(file, "patterns")
        except NertureError:
            return
        docs = [Doc(_TEXT), Doc(""), Doc.from_words(list(_all_values(compiled.indexes)) or ["a"])]
        for doc in docs:
            for policy in _POLICIES:
                for match in PatternSet(compiled, None, policy, _MAX_TOKENS)(doc):
                    assert 0 <= match.start < match.end <= len(doc), f"{policy}: {match} is outside the text"
                    assert match.label in compiled.labels, f"{policy}: {match} has a label that is not there"
                    assert match.pattern in compiled.ids, f"{policy}: {match} is of no pattern"
        # whatever could be loaded can be saved, and is then the same
        kept = to_bytes(compiled)
        file.write_bytes(kept)
        assert to_bytes(load_compiled(file, "patterns")) == kept, "it changed when saved and loaded"


def _all_values(indexes: Any) -> list[str]:
    return [value for index in indexes for value in index.values if value][:20]


def _file(bodies: list[Any]) -> bytes:
    rows = [
        {"label": "AB"[number % 2], "pattern": json.loads(json.dumps(body))}
        for number, body in enumerate(bodies)
    ]
    return to_bytes(compile_patterns(parse_patterns(rows)))

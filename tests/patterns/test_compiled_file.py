"""Compiled patterns come back from their file as they were, or not at all."""

from __future__ import annotations

import json
import os
import struct
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save

from nerture.core.errors import DataError
from nerture.core.text.doc import Doc
from nerture.core.text.whitespace_tokenizer import whitespace_tokenizer
from nerture.patterns import (
    CompiledPatterns,
    Pattern,
    PatternSet,
    compile_patterns,
    load_compiled,
    load_patterns,
    open_patterns,
    parse_patterns,
    to_bytes,
)

ROWS: list[dict[str, Any]] = [
    {"label": "FRUIT", "pattern": "blood orange"},
    {"label": "FRUIT", "pattern": "orange (sweet)", "id": "sweet"},
    {"label": "FRUIT", "pattern": [{"LOWER": "blood", "OP": "?"}, {"LOWER": {"IN": ["orange", "lemon"]}}]},
    {"label": "DOSE", "pattern": [{"LIKE_NUM": True}, {"LOWER": "mg"}], "id": 7},
    {"label": "WORD", "pattern": [{"LENGTH": {">=": 9}}]},
    {"label": "SHAPE", "pattern": [{"SHAPE": "Xxxxx"}, {"SHAPE": "dd"}]},
    {"label": "ODD", "pattern": "caf\u00e9 \U0001f34a"},
]
TEXT = (
    "Blood orange or blood orange (sweet), 5 mg of Lemon; Parts 12: everything, "
    "caf\u00e9 \U0001f34a, orange (sweet)"
)


def saved(folder: Path, patterns: list[Pattern]) -> Path:
    path = folder / "rules.compiled"
    path.write_bytes(to_bytes(compile_patterns(patterns)))
    return path


@pytest.mark.parametrize("overlap", ["longest", "first", "priority", "all"])
def test_what_comes_back_matches_as_before(tmp_path: Path, overlap: Any) -> None:
    patterns = parse_patterns(ROWS)
    compiled = open_patterns(saved(tmp_path, patterns))
    assert isinstance(compiled, CompiledPatterns)
    before, after = PatternSet(patterns, overlap=overlap), PatternSet(compiled, overlap=overlap)
    assert len(after) == len(ROWS)
    assert after.labels == before.labels
    doc = Doc(TEXT)
    assert after(doc) == before(doc)
    assert len(after(doc)) >= 6


def test_starter_lists_come_back(tmp_path: Path) -> None:
    for name in ("countries", "dates", "money", "quantities"):
        patterns = load_patterns(f"starter:{name}")
        doc = Doc(" ; ".join(pattern.phrase or "5 kg, May 3rd, 2020 and $10 million" for pattern in patterns))
        compiled = load_compiled(saved(tmp_path, patterns), "x")
        assert PatternSet(compiled)(doc) == PatternSet(patterns)(doc) != []


def test_a_file_for_another_tokenizer_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, parse_patterns(ROWS))
    with pytest.raises(DataError, match=r"it split 'orange \(sweet\)' into .* compile the patterns"):
        load_compiled(path, "rules", whitespace_tokenizer)


def test_a_compiled_file_cannot_be_read_as_patterns(tmp_path: Path) -> None:
    path = saved(tmp_path, parse_patterns(ROWS))
    with pytest.raises(DataError, match="name the files that they were compiled from"):
        load_patterns([path, path])
    with pytest.raises(DataError, match="name the files that they were compiled from"):
        open_patterns([path, path])
    assert open_patterns("starter:countries") == load_patterns("starter:countries")
    with pytest.raises(DataError, match="cannot be read"):
        open_patterns(tmp_path / "missing.jsonl")


def test_no_patterns_at_all_come_back(tmp_path: Path) -> None:
    compiled = open_patterns(saved(tmp_path, []))
    assert isinstance(compiled, CompiledPatterns)
    assert PatternSet(compiled)(Doc(TEXT)) == []


def test_a_word_that_a_tokenizer_cuts_tells_it_from_others(tmp_path: Path) -> None:
    path = saved(tmp_path, parse_patterns([{"label": "WORD", "pattern": "cannot"}]))
    with pytest.raises(DataError, match="it split 'cannot' into"):
        load_compiled(path, "rules", whitespace_tokenizer)


def test_patterns_come_through_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    content = "".join(json.dumps(row) + "\n" for row in ROWS)
    writing = threading.Thread(target=pipe.write_text, args=(content,))
    writing.start()
    assert len(open_patterns(pipe)) == len(ROWS)
    writing.join()


def test_a_newer_format_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, parse_patterns(ROWS))
    with safe_open(path, framework="numpy") as file:
        metadata = json.loads(file.metadata()["nerture"])
        blocks = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    path.write_bytes(save(blocks, {"nerture": json.dumps({**metadata, "format": 99})}))
    with pytest.raises(DataError, match="format: expected 1 or less, got 99"):
        load_compiled(path, "rules")
    path.write_bytes(save(blocks, {"nerture": json.dumps({**metadata, "kind": "cake"})}))
    with pytest.raises(DataError, match="something else"):
        load_compiled(path, "rules")
    path.write_bytes(save(blocks))
    with pytest.raises(DataError, match="cannot be read"):
        load_compiled(path, "rules")


def damaged(patterns: list[Pattern], old: bytes, new: bytes) -> bytes:
    """The file with something else in its header."""
    whole = to_bytes(compile_patterns(patterns))
    (length,) = struct.unpack_from("<Q", whole)
    header, rest = whole[8 : 8 + length], whole[8 + length :]
    assert old in header
    header = header.replace(old, new, 1)
    return struct.pack("<Q", len(header)) + header + rest


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b'"dtype":"U8"', b'"dtype":"F8_E5M2"', "cannot be read"),
        (
            b'\\"rules\\": [[2',
            b'\\"rules\\": [[-1',
            "damaged compiled patterns: rules: a number without a pattern: -1",
        ),
        (
            b'\\"rules\\": [[2',
            b'\\"rules\\": [[7',
            "damaged compiled patterns: rules: a number without a pattern: 7",
        ),
    ],
    ids=["numbers", "below", "above"],
)
def test_a_damaged_header(tmp_path: Path, old: bytes, new: bytes, message: str) -> None:
    path = tmp_path / "rules"
    path.write_bytes(damaged(parse_patterns(ROWS), old, new))
    with pytest.raises(DataError, match=message):
        load_compiled(path, "rules")


def test_ids_nested_too_deeply(tmp_path: Path) -> None:
    metadata = {
        "kind": "nerture patterns",
        "format": 1,
        "labels": [],
        "attributes": [],
        "rules": [],
        "sample": [],
    }
    blocks = {"label_of": np.zeros(0, np.int32), "ids": np.frombuffer(b"[" * 2000, np.uint8)}
    path = tmp_path / "rules"
    path.write_bytes(save(blocks, {"nerture": json.dumps(metadata)}))
    with pytest.raises(DataError, match="damaged compiled patterns"):
        load_compiled(path, "rules")


WHOLE = to_bytes(compile_patterns(parse_patterns(ROWS)))


@given(st.data())
@settings(deadline=None, max_examples=300)
def test_a_damaged_file_is_refused_or_matches_within_the_text(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(WHOLE)
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    for _ in range(data.draw(st.integers(0, 4))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "rules"
    path.write_bytes(bytes(content))
    try:
        compiled = load_compiled(path, "rules")
    except DataError:
        return
    doc = Doc(TEXT)
    for match in PatternSet(compiled)(doc):
        assert 0 <= match.start < match.end <= len(doc)

"""Compiled patterns on disk: one safetensors file, which loads without compiling."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from nerture.core.errors import DataError, Origin, PatternError
from nerture.core.text.doc import Doc
from nerture.patterns.attributes import ATTRIBUTES
from nerture.patterns.automaton import ARRAYS, TokenAutomaton
from nerture.patterns.compiled import CompiledPatterns, Tokenizer
from nerture.patterns.language import Pattern, parse_patterns
from nerture.patterns.literals import LiteralIndex
from nerture.patterns.required_literals import find_gate

if TYPE_CHECKING:
    import numpy.typing as npt

# safetensors raises AttributeError for a number type that numpy does not have
_UNREADABLE = (SafetensorError, OSError, KeyError, TypeError, ValueError, AttributeError, RecursionError)

FORMAT = 1
KIND = "nerture patterns"


def is_compiled(path: Path) -> bool:
    """Return True if a file has compiled patterns: it begins with a binary length, which no text does."""
    if not path.is_file():  # what is read from a pipe is lost
        return False
    try:
        with path.open("rb") as file:
            head = file.read(9)
    except OSError:
        return False
    return len(head) == 9 and head[4:] == b"\0\0\0\0{"


def to_bytes(compiled: CompiledPatterns) -> bytes:
    """Return the file's content."""
    blocks: dict[str, npt.NDArray[Any]] = {"label_of": compiled.label_of, "ids": _pack(compiled.ids)}
    for index in compiled.indexes:
        blocks[f"{index.attribute}.values"] = _pack(list(index.values))
        for name, array in index.automaton.arrays.items():
            blocks[f"{index.attribute}.{name}"] = array
    metadata = {
        "kind": KIND,
        "format": FORMAT,
        "labels": compiled.labels,
        "attributes": [index.attribute for index in compiled.indexes],
        "rules": [[row, pattern.row] for row, pattern in compiled.rules.items()],
        "sample": compiled.sample,
    }
    return save(blocks, {"nerture": json.dumps(metadata)})


def load_compiled(path: Path, name: str, tokenizer: Tokenizer | None = None) -> CompiledPatterns:
    """Read compiled patterns; ``name`` is the name of the file in messages.

    ``tokenizer`` is that of the texts (default: English). Raises ``DataError`` if the file is missing,
    damaged, of a newer format, or compiled for a tokenizer that splits the phrases differently.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = json.loads((file.metadata() or {})["nerture"])
            blocks = {block: file.get_tensor(block) for block in file.keys()}  # noqa: SIM118 (no mapping)
        if metadata["kind"] != KIND:
            raise ValueError("it contains something else")
    except _UNREADABLE as error:
        raise DataError(f"the compiled patterns cannot be read: {error}", Origin(name)) from error
    if not isinstance(metadata.get("format"), int) or metadata["format"] > FORMAT:
        raise DataError(
            f"format: expected {FORMAT} or less, got {metadata.get('format')!r}; compile the patterns again",
            Origin(name),
        )
    try:
        compiled = _parse(metadata, blocks, name)
    except (DataError, PatternError, KeyError, TypeError, ValueError, IndexError, RecursionError) as error:
        raise DataError(f"damaged compiled patterns: {error}", Origin(name)) from error
    for phrase, words in compiled.sample:
        split = Doc(phrase, tokenizer).words
        if tuple(split) != words:
            raise DataError(
                f"compiled for another tokenizer: it split {phrase!r} into {list(words)}, this one splits it "
                f"into {split}; compile the patterns with --tokenizer",
                Origin(name),
            )
    return compiled


def _parse(metadata: dict[str, Any], blocks: dict[str, npt.NDArray[Any]], name: str) -> CompiledPatterns:
    labels = tuple(map(str, metadata["labels"]))
    ids, label_of = _unpack(blocks["ids"]), blocks["label_of"]
    if label_of.dtype != np.int32 or label_of.shape != (len(ids),):
        raise ValueError("label_of: expected one number per pattern")
    if len(ids) and not (label_of.min() >= 0 and label_of.max() < len(labels)):
        raise ValueError("label_of: a number without a label")
    indexes = []
    for attribute in metadata["attributes"]:
        if attribute not in ATTRIBUTES:
            raise ValueError(f"unknown attribute {attribute!r}")
        values = _unpack(blocks[f"{attribute}.values"])
        automaton = TokenAutomaton({part: blocks[f"{attribute}.{part}"] for part in ARRAYS})
        numbers = automaton.arrays["numbers"]
        if len(numbers) and numbers.max() >= len(ids):
            raise ValueError(f"{attribute}: a number without a pattern")
        indexes.append(LiteralIndex(attribute, dict(zip(values, range(len(values)), strict=True)), automaton))
    rules: dict[int, Pattern] = {}
    for row, body in metadata["rules"]:
        if not 0 <= row < len(ids):
            raise ValueError(f"rules: a number without a pattern: {row}")
        rules[int(row)] = parse_patterns(
            [{"label": labels[label_of[row]], "id": ids[row], "pattern": body}], name
        )[0]
    gates = {row: gate for row, pattern in rules.items() if (gate := find_gate(pattern)) is not None}
    sample = tuple((str(phrase), tuple(map(str, words))) for phrase, words in metadata["sample"])
    return CompiledPatterns(labels, label_of, ids, tuple(indexes), rules, gates, sample)


def _pack(texts: list[str]) -> npt.NDArray[np.uint8]:
    """Return texts as bytes of JSON, which can represent every character of patterns."""
    return np.frombuffer(json.dumps(texts, separators=(",", ":")).encode("ascii"), np.uint8)


def _unpack(block: npt.NDArray[Any]) -> list[str]:
    texts = json.loads(block.tobytes())
    if not isinstance(texts, list) or set(map(type, texts)) - {str}:
        raise ValueError("expected a list of texts")
    return texts

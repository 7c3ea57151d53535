"""Every part that comes with nerture keeps the contract that a stranger's part must keep."""

from __future__ import annotations

import json
import pkgutil
from pathlib import Path

import pytest

import nerture.plugins
from nerture.hosting.manager import BUILTIN, make_manager
from nerture.testing import (
    check_loss,
    check_matcher,
    check_reader,
    check_sorter,
    check_source,
    check_tokenizer,
    check_writer,
    make_part,
)

LABELS = ("A", "B")

GOLD = [
    {"text": "Aspirin helps.", "spans": [{"start": 0, "end": 7, "label": "A"}]},
    {"text": "Nothing here.", "spans": []},
    {"text": "Broken.", "spans": [{"start": 0, "end": 99, "label": "A"}]},
    {"text": "Says nothing."},
]
ANSWERS = [
    {"text": "Aspirin helps.", "spans": [{"start": 0, "end": 7, "label": "A"}], "answer": "accept"},
    {"text": "Aspirin helps.", "spans": [{"start": 8, "end": 13, "label": "B"}], "answer": "reject"},
    {
        "text": "Zinc or iron.",
        "spans": [{"start": 0, "end": 4, "label": "A"}, {"start": 8, "end": 12, "label": "A"}],
        "answer": "reject",
    },
    {"text": "Nothing here.", "spans": [], "answer": "accept", "complete": True},
    {"text": "Skipped.", "answer": "ignore"},
    {"text": "Broken."},
]
ITEMS = {"answers": 5}
"""Targets and problems that a source makes of its file, where they are not one for each row of GOLD."""
PATTERNS = [
    {"label": "A", "pattern": "Aspirin", "id": "aspirin"},
    {"label": "B", "pattern": [{"LIKE_NUM": True, "OP": "+"}, {"LOWER": {"IN": ["may", "g"]}, "OP": "?"}]},
]

OPTIONS: dict[tuple[str, str], dict[str, object]] = {
    ("matcher", "patterns"): {"path": "patterns.jsonl"},
    ("source", "gold"): {"path": "gold.jsonl"},
    ("source", "answers"): {"path": "answers.jsonl"},
    ("source", "teacher"): {"path": "gold.jsonl", "model": "model"},
    ("source", "ensemble"): {"path": "gold.jsonl", "teachers": ["model"], "rules": "patterns.jsonl"},
    ("source", "rehearsal"): {"path": "gold.jsonl", "model": "model"},
    ("source", "weak"): {"path": "gold.jsonl", "patterns": "patterns.jsonl", "include_unmatched": True},
    ("loss", "entity_ratio"): {"ratio": 0.1, "margin": 0.02},
}
"""What a part needs to be told; the files are those of the fixture below."""

SMOOTH = {"teacher_forcing", "distill", "rehearse", "entity_ratio"}
"""Losses that are differentiable wherever scores differ."""

COLUMNS = {"conll"}
"""Writers that keep tokens, but neither the spaces between them nor empty texts."""

ENTRIES = make_manager(environ={}).registry.entries()


def of(kind: str) -> list[str]:
    return [entry.name for entry in ENTRIES if entry.kind == kind]


@pytest.fixture
def part(tmp_path: Path, save_model):
    """Make a part by its kind and name, with the files and the model that it may read."""
    save_model()
    for name, rows in (("patterns.jsonl", PATTERNS), ("gold.jsonl", GOLD), ("answers.jsonl", ANSWERS)):
        (tmp_path / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    registry = make_manager(environ={}).registry

    def make(kind: str, name: str):
        return make_part(registry, kind, name, OPTIONS.get((kind, name)), labels=LABELS, base_dir=tmp_path)

    return make


def test_every_plugin_module_is_loaded():
    modules = {f"nerture.plugins.{module.name}" for module in pkgutil.iter_modules(nerture.plugins.__path__)}
    assert set(BUILTIN) == modules


def test_every_builtin_registers_something():
    assert {entry.plugin.name for entry in ENTRIES} == set(BUILTIN)


@pytest.mark.parametrize("name", of("tokenizer"))
def test_tokenizer(part, name):
    check_tokenizer(part("tokenizer", name))


@pytest.mark.parametrize("name", of("matcher"))
def test_matcher(part, name):
    found = check_matcher(part("matcher", name))
    assert {match.label for match in found} == set(LABELS)


@pytest.mark.parametrize("name", of("reader"))
def test_reader(part, name):
    check_reader(part("reader", name), "".join(f"{json.dumps(row)}\n" for row in GOLD).encode())


@pytest.mark.parametrize("name", of("source"))
def test_source(part, name):
    assert len(check_source(part("source", name), LABELS)) == ITEMS.get(name, len(GOLD))


@pytest.mark.parametrize("name", of("loss"))
def test_loss(part, name):
    check_loss(part("loss", name), smooth=name in SMOOTH)


@pytest.mark.parametrize("name", of("writer"))
def test_writer(part, name):
    reader = part("reader", name) if name in of("reader") else None
    check_writer(part("writer", name), reader, LABELS, tokens_only=name in COLUMNS)


@pytest.mark.parametrize("name", of("sorter"))
def test_sorter(part, name):
    check_sorter(part("sorter", name))

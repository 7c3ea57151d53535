"""The initial corpus of a fuzzer: a folder of a target's seeds, and its dictionary."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

TARGETS = ("tokenizer", "patterns", "compiled", "model")


class Target(NamedTuple):
    """What a target's module has: the function that tests one input, the seeds, and their dictionary."""

    examine: Callable[[bytes], None]
    seeds: list[bytes]
    words: list[bytes]


def load_target(name: str) -> Target:
    """Import a target's module; ``name`` is one of ``TARGETS``."""
    module = importlib.import_module(f".{name}", __package__)
    return Target(module.examine, module.seeds(), module.words())


def write_seeds(seeds: Iterable[bytes], folder: Path) -> None:
    """Write the seeds into a folder, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(seeds):
        (folder / f"seed-{number:02}").write_bytes(seed)


def write_dictionary(words: Iterable[bytes], path: Path) -> None:
    """Write a dictionary as libFuzzer reads it: a quoted entry a line, odd bytes as hexadecimal escapes."""
    lines = ('"' + "".join(map(_escaped, word)) + '"\n' for word in words if word)
    path.write_text("".join(lines), encoding="ascii")


def _escaped(byte: int) -> str:
    return chr(byte) if chr(byte).isalnum() and byte < 128 else f"\\x{byte:02x}"

"""The fuzz targets, on their seeds, changed seeds and random bytes, to keep them in step with the code."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .arrays_as_text import file_of, text_of
from .corpus import TARGETS, Target, load_target, write_dictionary, write_seeds

_EXAMPLES = 80


@pytest.mark.parametrize("name", TARGETS)
def test_seeds(name: str) -> None:
    target = load_target(name)
    for seed in target.seeds:
        target.examine(seed)


@st.composite
def changed_seeds(draw: st.DrawFn, target: Target) -> bytes:
    """A seed with some pieces replaced, by words of the dictionary among others."""
    content = bytearray(draw(st.sampled_from(target.seeds)))
    pieces = st.sampled_from(target.words) | st.binary(max_size=4)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(content)))
        content[place : place + draw(st.integers(0, 4))] = draw(pieces)
    return bytes(content)


@pytest.mark.parametrize("name", TARGETS)
def test_changed_seeds_and_random_bytes(name: str) -> None:
    target = load_target(name)

    # the same inputs each time: to look for new defects is the fuzzer's work
    @settings(max_examples=_EXAMPLES, deadline=None, derandomize=True)
    @given(changed_seeds(target) | st.binary(max_size=60))
    def examine(data: bytes) -> None:
        target.examine(data)

    examine()


def test_a_compiled_file_survives_as_text() -> None:
    texts = [seed for seed in load_target("compiled").seeds if seed.startswith(b'{"kind"')]
    assert len(texts) > 2
    for text in texts:
        assert text_of(file_of(text), (".values", "ids")) == text


def test_what_a_fuzzer_begins_with(tmp_path: Path) -> None:
    for name in TARGETS:
        target = load_target(name)
        write_seeds(target.seeds, tmp_path / name)
        assert [path.read_bytes() for path in sorted((tmp_path / name).iterdir())] == target.seeds
        write_dictionary(target.words, tmp_path / "words")
        for line in (tmp_path / "words").read_text().splitlines():
            assert re.fullmatch(r'"(\w|\\x[0-9a-f]{2})+"', line, re.ASCII)

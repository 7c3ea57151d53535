"""Lines added to a pattern file: nothing that stands there is lost, nothing comes in twice."""

from __future__ import annotations

import json
import resource
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nerture.core.text.doc import Doc
from nerture.errors import ConfigError, DataError
from nerture.files.pattern_lines import add_lines, check_place, count_present
from nerture.patterns import PatternSet, load_patterns
from nerture.sessions.patterns.pattern_suggestions import NewPattern

ROWS = [NewPattern(words, "PLANT").row() for words in (("dill",), ("sweet", "peas"), ("Αθήνα".lower(),))]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "new.jsonl"


def test_they_are_lines_of_a_pattern_file(file):
    assert add_lines(file, ROWS) == 3
    patterns = PatternSet(load_patterns(str(file), lambda path: file), lambda text: Doc(text).offsets)
    assert [(hit.start, hit.end) for hit in patterns.match(Doc("Dill and SWEET Peas in Αθήνα"))] == [
        (0, 1), (2, 4), (5, 6),
    ]  # fmt: skip


def test_nothing_to_add_makes_no_file(file):
    assert add_lines(file, []) == 0
    assert not file.exists()


def test_what_is_there_in_another_form_is_not_added(file):
    dill = b'{"pattern":[{"LOWER":"dill"}],  "id": "d1", "label":"PLANT"}'
    mine = b"\xef\xbb\xbf" + dill + b"\r\nnot a pattern\n[1, 2]\n\xff\n"
    file.write_bytes(mine)
    assert count_present(file, ROWS) == 1
    assert add_lines(file, ROWS) == 2
    assert file.read_bytes() == mine + "".join(f"{row}\n" for row in ROWS[1:]).encode()
    assert add_lines(file, ROWS) == 0


def test_a_last_line_without_an_end_gets_one(file):
    file.write_text(ROWS[0])
    add_lines(file, ROWS)
    assert file.read_text().splitlines() == ROWS


def test_a_link_stays_one(file, tmp_path):
    (tmp_path / "mine.jsonl").write_text(f"{ROWS[0]}\n")
    file.symlink_to(tmp_path / "mine.jsonl")
    add_lines(file, ROWS)
    assert file.is_symlink()
    assert (tmp_path / "mine.jsonl").read_text().splitlines() == ROWS


def test_several_at_once_add_each_line_once(file):
    rows = [NewPattern((f"plant{number}",), "PLANT").row() for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(lambda first: add_lines(file, rows[first : first + 20]), range(0, 21, 2)))
    assert sum(counts) == 40
    assert sorted(file.read_text().splitlines()) == sorted(rows)


def test_a_full_disk_leaves_the_file_as_it_was(file):
    file.write_text(f"{ROWS[0]}\n")
    rows = [NewPattern((f"{'long' * 50}{number}",), "PLANT").row() for number in range(50)]
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        with pytest.raises(DataError, match=r"new\.jsonl: cannot be written: File too large"):
            add_lines(file, rows)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_text() == f"{ROWS[0]}\n"
    assert add_lines(file, rows) == 50


def test_a_place_that_cannot_be_is_refused_before_the_work(tmp_path):
    for path, wanted in (
        (tmp_path, "expected a file"), (tmp_path / "a.jsonl.gz", "plain files only"),
        (tmp_path / "no" / "a.jsonl", "there is no folder"),
    ):  # fmt: skip
        with pytest.raises(ConfigError, match=wanted):
            check_place(path, "--suggested-patterns")
    with pytest.raises(DataError, match="cannot be written"):
        add_lines(tmp_path / "no" / "a.jsonl", ROWS)
    assert count_present(tmp_path / "no" / "a.jsonl", ROWS) == 0


@given(st.lists(st.text(min_size=1), min_size=1, max_size=3), st.text(min_size=1))
@settings(deadline=None)
def test_every_word_makes_one_line_that_reads_back(tmp_path_factory, words, label):
    row = NewPattern(tuple(words), label).row()
    assert row.encode().count(b"\n") == 0
    assert row.isprintable()
    assert json.loads(row) == {"label": label, "pattern": [{"LOWER": word} for word in words]}
    file = tmp_path_factory.mktemp("words") / "new.jsonl"
    assert (add_lines(file, [row, row]), add_lines(file, [row])) == (1, 0)

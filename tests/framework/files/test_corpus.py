import gzip
import io
import subprocess
import sys

import pytest

from nerture.core.annotations.record import Problem, Record
from nerture.core.errors import Origin
from nerture.errors import ConfigError, CorpusError, DataError
from nerture.files.corpus import collect, count_by_code, read_records

from ...support.repository import ROOT


@pytest.fixture
def read(registry, services):
    def read(path, **more):
        return list(read_records(path, registry, services, **more))

    return read


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize(
    ("name", "content", "spans"),
    [
        ("a.jsonl", '{"text": "x"}', None),
        ("a.JSONL", '{"text": "x"}', None),
        ("a.conll", "x\tB-A\n", 1),
        ("a.txt", "x", None),
        ("a.json", '[["x", {"entities": [[0, 1, "A"]]}]]', 1),
        ("a", '\ufeff{"text": "x", "spans": []}', 0),
        ("a.annotated", "\r\nx\tB-A\r\n", 1),
        ("a.data", '("x", [(0, 1, "A")])', 1),
        ("a.data", "x", None),
    ],
)
def test_the_format_is_known_by_ending_or_content(tmp_path, read, name, content, spans, zipped):
    path = tmp_path / (name + ".gz" * zipped)
    path.write_bytes(gzip.compress(content.encode()) if zipped else content.encode())
    texts = [item for item in read(path) if item.text]
    assert [(item.text, None if item.spans is None else len(item.spans)) for item in texts] == [("x", spans)]


def test_gzip_is_known_by_its_first_bytes(tmp_path, read):
    path = tmp_path / "a.jsonl"
    path.write_bytes(gzip.compress(b'{"text": "a"}\n') + gzip.compress(b'{"text": "b"}\n'))
    assert [item.text for item in read(path)] == ["a", "b"]


def test_the_named_format_wins_and_takes_options(tmp_path, read):
    path = tmp_path / "a.jsonl"
    path.write_text("1\tx\n")
    assert [item.text for item in read(path, format="text")] == ["1\tx"]
    (record,) = read(path, format={"use": "conll", "token_column": 1, "tag_column": None})
    assert record.text == "x"
    with pytest.raises(ConfigError, match="use: NAME"):
        read(path, format={"scheme": "bio"})


@pytest.mark.parametrize("zipped", [False, True])
def test_standard_input(monkeypatch, read, zipped):
    data = b'{"text": "a"}\n{"text": 1}\n'
    stdin = io.TextIOWrapper(io.BytesIO(gzip.compress(data) if zipped else data))
    monkeypatch.setattr(sys, "stdin", stdin)
    good, bad = read("-")
    assert (good.text, str(bad.origin)) == ("a", "<stdin>:2")
    assert not stdin.buffer.closed


def test_standard_input_comes_as_it_is_written():
    """Each row is there when its line is, not when the pipe is full or closed."""
    script = (
        "from tests.support.file_sources import Registry, Services\n"
        "from nerture.files.corpus import read_records\n"
        "registry = Registry()\n"
        "for row in read_records('-', registry, Services(registry, None)):\n"
        "    print(row.text, flush=True)\n"
    )
    command = [sys.executable, "-c", script]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        for text in (b"one", b"two"):
            process.stdin.write(b'{"text": "%s"}\n' % text)
            process.stdin.flush()
            assert process.stdout.readline() == text + b"\n"
        process.stdin.close()


def test_missing_files(tmp_path, read):
    (tmp_path / "drugs.jsonl").write_text("")
    with pytest.raises(DataError, match=r"drug\.jsonl: no such file; did you mean drugs\.jsonl\?") as caught:
        read(tmp_path / "drug.jsonl", named_by="pipeline.yaml:7")
    assert str(caught.value).endswith("(named by pipeline.yaml:7)")
    with pytest.raises(DataError, match="there is no folder"):
        read(tmp_path / "nowhere" / "x.jsonl")
    with pytest.raises(DataError, match="expected a file, got a folder"):
        read(tmp_path)
    with pytest.raises(DataError, match="null"):
        read(tmp_path / "a\x00b")


def test_a_file_that_may_not_be_read(tmp_path, read, monkeypatch):
    def refuse(*args, **more):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(tmp_path), "open", refuse)
    with pytest.raises(DataError, match="no permission"):
        read(tmp_path / "a.jsonl")


@pytest.mark.parametrize("keep", [3, 15, -20])
def test_damaged_gzip(tmp_path, read, keep):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b"".join(b'{"text": "%d"}\n' % number for number in range(50_000)))[:keep])
    with pytest.raises(DataError, match="damaged gzip"):
        read(path)


def test_an_empty_file_has_no_rows(tmp_path, read):
    (tmp_path / "a.jsonl").write_bytes(b"")
    assert read(tmp_path / "a.jsonl") == []


def problem(number, code="bad-json", severity="error"):
    return Problem(Origin("f", number), code, "is wrong", severity=severity)


GOOD = Record("a", Origin("f", 1))


def test_collect_keeps_notes_apart():
    note = problem(2, "left-out", "note")
    gathered = collect([GOOD, note], "f")
    assert (gathered.items, gathered.problems, gathered.notes) == ([GOOD], (), (note,))


def test_collect_lists_every_problem_and_shows_the_first_twenty():
    with pytest.raises(CorpusError) as caught:
        collect([GOOD, *(problem(number) for number in range(1, 26))], "train.jsonl")
    assert len(caught.value.problems) == 25
    lines = str(caught.value).splitlines()
    assert lines[0] == "train.jsonl: 25 problems"
    assert lines[1] == "  f:1: is wrong"
    assert lines[20] == "  f:20: is wrong"
    assert lines[21:] == ["  and 5 more"]


def test_collect_can_go_on_without_them():
    bad = problem(2)
    gathered = collect([bad, GOOD], "f", skip_bad=True)
    assert (gathered.items, gathered.problems) == ([GOOD], (bad,))


def test_nothing_left_is_an_error():
    with pytest.raises(CorpusError, match=r"f: no text to use$"):
        collect([], "f")
    with pytest.raises(CorpusError, match="1 left out"):
        collect([problem(1, severity="note")], "f")
    with pytest.raises(CorpusError, match="no text to use; 1 problem\n  f:1: is wrong"):
        collect([problem(1)], "f", skip_bad=True)


def test_counts_by_code():
    problems = [problem(1), problem(2, "not-utf8"), problem(3)]
    assert count_by_code(problems) == {"bad-json": 2, "not-utf8": 1}

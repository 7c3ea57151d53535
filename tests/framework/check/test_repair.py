"""Copies of files with what could be mended mended."""

import gzip
import json
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nerture.check import check_data, fix_data
from nerture.errors import DataError
from nerture.files.corpus import read_records

TEXT = "take Xanax XR  daily"
GOOD = json.dumps(
    {"text": TEXT, "spans": [{"start": 5, "end": 10, "label": "D"}]}, indent=None, separators=(" ,", ": ")
)


def span(start, end, **more):
    return {"start": start, "end": end, "label": "D", **more}


@pytest.fixture
def fix(registry, services):
    def fix(path, **more):
        return fix_data(path, registry, services, **more)

    return fix


def rows(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def test_no_file_is_written_without_repairs(fix, write, tmp_path):
    repair = fix(write("a.jsonl", GOOD))
    assert (repair.output, repair.rejected, repair.changes, repair.diff) == (None, None, (), "")
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


@pytest.mark.parametrize(
    ("spans", "mended", "codes"),
    [
        ([span(4, 11)], [span(5, 10)], ["span-whitespace"]),
        ([span(13, 15)], [], ["span-whitespace"]),
        ([span(6, 9)], [span(5, 10)], ["span-inside-token"]),
        ([span(5, 10), span(5, 10)], [span(5, 10)], ["span-duplicate"]),
        ([span(5, 10), span(5, 13), span(11, 13)], [span(5, 13)], ["span-overlap", "span-overlap"]),
        (
            [span(5, 8), span(8, 10)],
            [span(5, 10)],
            ["span-inside-token", "span-inside-token", "span-duplicate"],
        ),
        (
            [span(4, 10, text=" Xanax", token_start=9, token_end=9, source="me")],
            [span(5, 10, text="Xanax", token_start=1, token_end=1, source="me")],
            ["span-whitespace"],
        ),
    ],
)
def test_spans_are_mended(fix, write, spans, mended, codes):
    path = write("a.jsonl", GOOD, {"text": TEXT, "meta": {"é": 1}, "spans": spans})
    repair = fix(path)
    first, second = repair.output.read_text(encoding="utf-8").splitlines()
    assert first == GOOD
    assert json.loads(second) == {"text": TEXT, "meta": {"é": 1}, "spans": mended}
    assert sorted(change.code for change in repair.changes) == sorted(codes)
    assert {(change.file, change.line, change.severity) for change in repair.changes} == {
        (str(path), 2, "warning")
    }
    assert repair.rejected is None


def test_entities_keep_their_form(fix, write):
    repair = fix(write("a.jsonl", {"text": TEXT, "entities": [[4, 10, "D", "Q1"], [11, 13, "D"]]}))
    assert rows(repair.output) == [{"text": TEXT, "entities": [[5, 10, "D", "Q1"], [11, 13, "D"]]}]


def test_rows_that_cannot_be_used_are_copied_byte_for_byte(fix, tmp_path):
    bad = [b'{"text": ', b'{"text": "\xff"}', b'{"text": "abc", "spans": [{"start": 0}, {"end": 9}]}']
    lines = [GOOD.encode(), bad[0], b"", bad[1] + b"\r", GOOD.encode(), bad[2]]
    (tmp_path / "a.jsonl").write_bytes(b"\n".join(lines))
    repair = fix(tmp_path / "a.jsonl")
    assert repair.output.name == "a.fixed.jsonl"
    assert repair.output.read_bytes() == GOOD.encode() + b"\n\n" + GOOD.encode() + b"\n"
    assert repair.rejected.name == "a.aside.jsonl"
    assert repair.rejected.read_bytes() == bad[0] + b"\n" + bad[1] + b"\r\n" + bad[2] + b"\n"
    assert [(change.line, change.code) for change in repair.changes] == [
        (2, "bad-json"), (4, "not-utf8"), (6, "bad-span"), (6, "bad-span"),
    ]  # fmt: skip


@pytest.mark.skipif(shutil.which("patch") is None, reason="needs the command patch")
def test_the_diff_makes_the_copy_from_the_original(fix, write, tmp_path):
    path = write(
        "a.jsonl", GOOD, "", {"text": TEXT, "spans": [span(4, 10)]}, "{", GOOD, "", "nonsense",
        {"text": "é", "spans": [span(0, 1), span(0, 1)]}, GOOD, "",
    )  # fmt: skip
    repair = fix(path)
    (tmp_path / "diff").write_text(repair.diff, encoding="utf-8")
    patched = tmp_path / "patched"
    command = ["patch", "--silent", "-o", str(patched), str(path), str(tmp_path / "diff")]
    subprocess.run(command, check=True)
    assert patched.read_bytes() == repair.output.read_bytes()


def test_the_diff(fix, write, tmp_path):
    path = write("a.jsonl", "{", {"text": TEXT, "spans": [span(4, 10)]})
    repair = fix(path)
    old, new = rows_text(path)[1], rows_text(repair.output)[0]
    assert repair.diff.splitlines() == [
        f"--- {path}", f"+++ {repair.output}", "@@ -1 +0,0 @@", "-{", "@@ -2 +1 @@", f"-{old}", f"+{new}",
    ]  # fmt: skip


def rows_text(path):
    return path.read_text(encoding="utf-8").splitlines()


def test_answers_and_left_out_rows_stay_as_they_are(fix, write):
    answer = {"text": TEXT, "spans": [span(4, 10, answer="reject")], "answer": "reject"}
    repair = fix(write("a.jsonl", answer, {"text": TEXT, "spans": [span(4, 10)], "answer": "ignore"}))
    assert repair.output is None


def test_other_formats_are_copied_as_json_lines(fix, tmp_path):
    path = tmp_path / "a.json"
    path.write_text('[("a b", {"entities": [(0, 2, "D")]}),\n ("c", [(0, 9, "D")]), ("d", [])]')
    repair = fix(path)
    assert repair.output.name == "a.fixed.jsonl"
    assert rows(repair.output) == [{"text": "a b", "entities": [[0, 1, "D"]]}, {"text": "d", "entities": []}]
    assert repair.rejected.read_text() == '("c", [(0, 9, "D")])\n'
    assert '-{"text": "a b"' in repair.diff
    path = tmp_path / "b.conll"
    path.write_text("New\tB-A\nYork\tI-A\n\nb\tX\n")
    repair = fix(path)
    assert rows(repair.output) == [{
        "text": "New York", "spans": [span(0, 8) | {"label": "A"}], "tokens": [{"text": "New", "start": 0,
        "end": 3, "id": 0}, {"text": "York", "start": 4, "end": 8, "id": 1}],
    }]  # fmt: skip
    assert repair.rejected.read_text() == "b\tX\n"


def test_gzip_and_an_output_of_ones_own(fix, tmp_path):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "a b", "spans": [{"start": 0, "end": 2, "label": "D"}]}\n'))
    assert fix(path).output.name == "a.fixed.jsonl"
    assert fix(path, output=tmp_path / "good.jsonl").output == tmp_path / "good.jsonl"
    (row,) = rows(tmp_path / "good.jsonl")
    assert row["spans"] == [span(0, 1)]


def test_a_file_may_be_replaced_by_its_copy(fix, write):
    path = write("a.jsonl", GOOD, {"text": "a b", "spans": [span(0, 2)]})
    fix(path, output=path)
    assert rows(path)[1]["spans"] == [span(0, 1)]
    assert fix(path, output=path).output is None


def test_what_cannot_be_repaired(fix, tmp_path):
    with pytest.raises(DataError, match="standard input"):
        fix("-")
    (tmp_path / "a.jsonl").write_bytes("\ufeffa".encode("utf-16-le"))
    with pytest.raises(DataError, match="cannot be repaired"):
        fix(tmp_path / "a.jsonl")
    with pytest.raises(DataError, match="no such file"):
        fix(tmp_path / "b.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["a.jsonl"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 19), st.integers(1, 8)), max_size=4),
    st.lists(st.sampled_from(["{", "", '{"text": 3}']), max_size=3),
)
def test_a_repaired_copy_passes_the_check(registry, services, tmp_path, drawn, bad):
    path = tmp_path / "a.jsonl"
    spans = [span(start, min(20, start + length)) for start, length in drawn]
    path.write_text("\n".join([json.dumps({"text": TEXT, "spans": spans}), *bad]))
    copy = fix_data(path, registry, services).output or path
    assert check_data(copy, registry, services).errors == ()
    assert len(list(read_records(copy, registry, services))) == 1

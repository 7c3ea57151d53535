"""What is found in a file."""

import io
import json

import pytest

from nerture.check import check_data

TEXT = "take Xanax XR  daily"


def row(number, *spans, **more):
    """A text of its own for each number; the spans are those of TEXT."""
    found = [{"start": start, "end": end, "label": label} for start, end, label in spans]
    return {"text": f"{TEXT} {number}", "spans": found, **more}


def many(count, first=0, label="DRUG"):
    return [row(number, (5, 10, label)) for number in range(first, first + count)]


@pytest.fixture
def check(registry, services, write):
    def check(*rows, name="a.jsonl"):
        return check_data(write(name, *rows), registry, services)

    return check


def found(findings):
    return [(finding.line, finding.code) for finding in findings]


def test_good_data_has_no_findings(check):
    report = check(*many(100))
    assert report.findings == ()
    assert report.as_dict() == {"errors": [], "warnings": []}


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ("{", "bad-json"),
        ("[1]", "not-an-object"),
        ({"spans": []}, "missing-text"),
        ({"text": 1}, "text-not-string"),
        (row(-1, (0, 99, "DRUG")), "span-outside-text"),
        (row(-1, (-1, 4, "DRUG")), "span-outside-text"),
        (row(-1, (5, 5, "DRUG")), "span-empty"),
        (row(-1, (5, 10, "DRUG"), (5, 10, "DRUG")), "span-duplicate"),
        (row(-1, (5, 13, "DRUG"), (5, 10, "DRUG")), "span-overlap"),
        (row(-1, (4, 10, "DRUG")), "span-whitespace"),
        (row(-1, (5, 9, "DRUG")), "span-inside-token"),
        ({**row(-1, (5, 10, "DRUG")), "tokens": [{"start": 0, "end": 4}]}, "span-outside-tokens"),
        ({"text": "nothing said"}, "not-gold"),
        ({**row(-1, (5, 10, "DRUG")), "_is_binary": True, "answer": "accept"}, "binary-answer"),
    ],
)
def test_errors(check, bad, code):
    report = check(*many(100), bad)
    assert found(report.errors) == [(101, code)]
    assert report.warnings == ()


@pytest.mark.parametrize(
    ("more", "line", "code"),
    [
        ([{"text": " ", "spans": []}], 101, "text-empty"),
        (many(1), 101, "text-duplicate"),
        ([row(0)], 101, "text-conflict"),
        ([row(0, (5, 10, "DRUG"), complete=["DRUG"])], 101, "text-conflict"),
        ([row(0, answer="ignore")], 0, "left-out"),
        (many(60, 100, "Drug"), 0, "similar-labels"),
        (many(3, 100, "DOSE"), 0, "too-few-examples"),
    ],
)
def test_warnings(check, more, line, code):
    report = check(*many(100), *more)
    assert report.errors == ()
    assert found(report.warnings) == [(line, code)]


def test_too_few_texts(check):
    report = check(*many(99))
    assert found(report.warnings) == [(0, "too-few-texts")]
    assert "only 99 texts in this file" in report.warnings[0].message
    assert "only 1 text in" in check(row(0)).warnings[0].message


def test_raw_text_and_answers_are_no_errors(check):
    report = check({"text": "a"}, {"text": "b"})
    assert (report.errors, found(report.warnings)) == ((), [(0, "not-gold")])
    answer = {
        "text": "ab",
        "answer": "reject",
        "spans": [{"start": 0, "end": 1, "label": "A", "answer": "reject"}],
    }
    assert check(answer, answer).findings == ()


def answer(number, says, *spans, **more):
    return row(number, *spans, answer=says, _is_binary=True, **more)


def test_a_file_of_answers_is_examined_as_such(check, tmp_path):
    report = check(
        answer(0, "accept", (5, 10, "DRUG")),
        answer(0, "reject", (5, 10, "DRUG"), _timestamp=9),
        "{",
        answer(0, "reject", (5, 10, "DRUG")),
        answer(1, "accept", (5, 10, "DRUG"), (5, 13, "DRUG")),
        answer(2, "ignore", (5, 10, "DRUG")),
        answer(3, "reject", (5, 9, "DRUG")),
    )
    assert found(report.errors) == [(3, "bad-json"), (5, "span-overlap")]
    assert found(report.warnings) == [(4, "conflicting-answers"), (0, "left-out")]
    file = tmp_path / "a.jsonl"
    assert {finding.file for finding in report.findings} == {str(file)}
    assert f"which {file}:1 accepts; the newer counts" in report.warnings[0].message


def test_answers_in_standard_input_are_read_once(registry, services, monkeypatch):
    text = json.dumps(answer(0, "accept", (5, 10, "DRUG"))) + "\n"
    stream = io.TextIOWrapper(io.BytesIO(text.encode()))
    monkeypatch.setattr("sys.stdin", stream)
    assert check_data("-", registry, services, "jsonl").findings == ()


def test_an_empty_file_is_an_error(check):
    assert found(check().errors) == [(0, "no-texts")]
    assert found(check("").errors) == [(0, "no-texts")]


def test_several_faults_of_a_row_are_all_reported(check):
    report = check(*many(100), row(-1, (5, 9, "DRUG"), (4, 10, "DRUG")))
    assert sorted(found(report.errors)) == [
        (101, "span-inside-token"), (101, "span-overlap"), (101, "span-whitespace"),
    ]  # fmt: skip


def test_the_report_as_json(check, tmp_path):
    (error,) = json.loads(json.dumps(check(*many(100), "{").as_dict()))["errors"]
    assert error.keys() == {"file", "line", "code", "message"}
    assert (error["file"], error["line"], error["code"]) == (str(tmp_path / "a.jsonl"), 101, "bad-json")
    assert str(check(*many(100), "{").findings[0]).startswith(f"{tmp_path / 'a.jsonl'}:101: error: not JSON")

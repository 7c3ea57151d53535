"""What is found in the data of a pipeline."""

import pytest

from nerture.check import check_pipeline

TEXT = "take Xanax XR  daily"


def row(number, *spans, **more):
    """A text of its own for each number; the spans are those of TEXT."""
    found = [{"start": start, "end": end, "label": label} for start, end, label in spans]
    return {"text": f"{TEXT} {number}", "spans": found, **more}


def many(count, first=0, label="DRUG"):
    return [row(number, (5, 10, label)) for number in range(first, first + count)]


def found(findings):
    return [(finding.line, finding.code) for finding in findings]


def answer(number, says, *spans, **more):
    return row(number, *spans, answer=says, _is_binary=True, **more)


@pytest.fixture
def examine(registry, pipeline):
    def examine(labels, sources, evaluate=None):
        config, services = pipeline(labels, sources, evaluate)
        return check_pipeline(config, registry, services)

    return examine


def test_a_good_pipeline(examine, write):
    write("train.jsonl", *many(100))
    write("dev.jsonl", *many(100, 100))
    assert examine(["DRUG"], [{"path": "train.jsonl"}], {"path": "dev.jsonl"}).findings == ()


def test_leaks_are_found_whatever_case_and_spaces(examine, write, tmp_path):
    write("train.jsonl", *many(100))
    leaked = {"text": f"TAKE xanax xr daily {7}", "spans": []}
    write("dev.jsonl", *many(100, 100), leaked)
    report = examine(["DRUG"], [{"path": "train.jsonl"}], {"path": "dev.jsonl"})
    assert found(report.findings) == [(101, "leak")]
    assert f"{tmp_path / 'train.jsonl'}:8" in report.warnings[0].message
    assert report.warnings[0].file == str(tmp_path / "dev.jsonl")


def test_labels_without_examples(examine, write):
    write("train.jsonl", *many(100), *many(2, 100, "DOSE"))
    write("dev.jsonl", *many(100, 200))
    report = examine(["DRUG", "DOSE", "FORM"], [{"path": "train.jsonl"}], {"path": "dev.jsonl"})
    assert [(warning.file, warning.code) for warning in report.warnings] == [
        ("pipeline.yaml", "too-few-examples"),
        ("pipeline.yaml", "no-examples"),
        ("pipeline.yaml", "no-examples"),
        ("pipeline.yaml", "no-examples"),
    ]
    assert "no example of FORM to train on" in report.warnings[1].message
    assert "no example of DOSE to evaluate on" in report.warnings[2].message


def test_problems_of_a_source_are_errors(examine, write):
    write("train.jsonl", *many(100), row(-1, (5, 10, "DRGU")), {"text": "x"}, row(-2, answer="reject"))
    report = examine(["DRUG"], [{"path": "train.jsonl"}])
    assert found(report.errors) == [(101, "unknown-label"), (102, "not-gold")]
    assert found(report.warnings) == [(0, "left-out")]


def test_a_file_that_cannot_be_read_does_not_hide_the_others(examine, write):
    write("train.jsonl", "{", *many(100))
    write("empty.jsonl")
    report = examine(["DRUG"], [{"path": "tarin.jsonl"}, {"path": "train.jsonl"}, {"path": "empty.jsonl"}])
    assert [error.code for error in report.errors] == ["unreadable", "bad-json", "no-texts"]
    assert "did you mean train.jsonl?" in report.errors[0].message
    assert "named by pipeline.yaml:3" in report.errors[0].message


def test_answers_in_a_pipeline(examine, write):
    write("train.jsonl", *many(100))
    rows = [answer(5, "reject", (11, 13, "DRUG")), answer(5, "accept", (11, 13, "DRUG"))]
    write("answers.jsonl", *rows, answer(6, "ignore"), answer(7, "accept", (5, 10, "DRGU")))
    report = examine(["DRUG"], [{"path": "train.jsonl"}, {"use": "answers", "path": "answers.jsonl"}])
    assert found(report.errors) == [(4, "unknown-label")]
    assert found(report.warnings) == [(2, "conflicting-answers"), (0, "left-out")]
    leaked = examine(["DRUG"], [{"use": "answers", "path": "answers.jsonl"}], {"path": "train.jsonl"})
    assert (6, "leak") in found(leaked.warnings)


def test_texts_are_compared_across_sources(examine, write):
    write("one.jsonl", *many(100))
    write("two.jsonl", row(5))
    report = examine(["DRUG"], [{"path": "one.jsonl"}, {"path": "two.jsonl"}])
    assert [(warning.code, warning.line) for warning in report.warnings] == [("text-conflict", 1)]

import pytest

from nerture.errors import ConfigError
from nerture.interfaces import Problem, Target
from nerture.plugins.gold import GoldOptions, make_gold

TEXT = "take Xanax XR  daily"


@pytest.fixture
def targets(file_services, write):
    def targets(*rows, labels=("DRUG", "DOSE"), **options):
        write("gold.jsonl", *rows)
        file_services.labels = labels
        return list(make_gold(GoldOptions(path="gold.jsonl", **options), file_services).targets())

    return targets


def row(*spans, **more):
    found = [{"start": start, "end": end, "label": label} for start, end, label in spans]
    return {"text": TEXT, "spans": found, **more}


def seen(target):
    return [(span.text, span.label) for span in target.spans]


def test_a_row_becomes_a_target(targets):
    (target,) = targets(row((11, 13, "DOSE"), (5, 10, "DRUG")))
    assert seen(target) == [("Xanax", "DRUG"), ("XR", "DOSE")]
    assert [(span.start, span.end) for span in target.spans] == [(1, 2), (2, 3)]
    assert (target.complete, target.origin.line, target.weight) == (True, 1, 1.0)
    assert all(span.doc is target.doc for span in target.spans)


def test_accepted_without_spans_means_no_entities(targets):
    for target in targets({"text": TEXT, "answer": "accept"}, row(), row(answer="accept")):
        assert (target.spans, target.complete) == ((), True)


def test_rejected_and_ignored_rows_are_left_out_with_a_note(targets):
    notes = targets(row((5, 10, "DRUG"), answer="reject"), {"text": "x", "answer": "ignore"})
    assert [(note.code, note.severity) for note in notes] == [("left-out", "note")] * 2


BAD = [
    ({"text": TEXT}, {}, "not-gold", "neither spans nor an answer"),
    ({"text": TEXT, "complete": True}, {}, "not-gold", "neither spans nor an answer"),
    ({**row(), "_is_binary": True, "answer": "accept"}, {}, "binary-answer", "use the source `answers`"),
    (
        {"text": TEXT, "spans": [{"start": 5, "end": 10, "label": "DRUG", "answer": "accept"}]},
        {}, "binary-answer", "expected complete annotations",
    ),
    (row((5, 10, "Drgu")), {}, "unknown-label", "did you mean DRUG?"),
    (row((5, 10, "XYZ")), {}, "unknown-label", "it has DRUG, DOSE"),
    (row((5, 10, "A")), {"map": {"A": "DRUG"}}, None, ""),
    (row(complete=["drug"]), {}, "unknown-label", "complete: 'drug' is not a label of the pipeline"),
    (row((5, 10, "DRUG"), (5, 10, "DRUG")), {}, "span-duplicate", "is there twice"),
    (row((5, 13, "DRUG"), (11, 13, "DOSE")), {}, "span-overlap", "overlaps DRUG 'Xanax XR' (characters 5 to"),
    (row((4, 10, "DRUG")), {}, "span-whitespace", "whitespace at its edges"),
    (row((13, 15, "DRUG")), {"align": "expand"}, "span-whitespace", "only whitespace"),
    (row((5, 9, "DRUG")), {}, "span-inside-token", "ends inside the token 'Xanax' (5 to 10)"),
    (row((5, 9, "DRUG"), (9, 10, "DOSE")), {"align": "expand"}, "span-overlap", "overlaps"),
    (row((5, 9, "DRUG"), (9, 10, "DRUG")), {"align": "expand"}, "span-duplicate", "is there twice"),
    (
        {**row((5, 10, "DRUG")), "tokens": [{"start": 0, "end": 4}]},
        {}, "span-outside-tokens", "begins or ends where there is no token",
    ),
    ({"text": TEXT, "spans": [{"start": 0, "end": 99, "label": "DRUG"}]}, {}, "span-outside-text", "outside"),
    ({"text": 7}, {}, "text-not-string", "text: expected a string, got a number"),
    ("{", {}, "bad-json", "column 2"),
]  # fmt: skip


@pytest.mark.parametrize(("bad", "options", "code", "words"), BAD)
def test_bad_rows(targets, bad, options, code, words):
    found, good = targets(bad, row((5, 10, "DRUG")), **options)
    assert isinstance(good, Target)
    if code is None:
        assert isinstance(found, Target)
    else:
        assert (found.code, found.severity, found.origin.line) == (code, "error", 1)
        assert words in found.message


def test_every_problem_of_a_row_is_reported(targets):
    problems = targets(row((5, 9, "DRUG"), (5, 10, "X"), complete=["Y"]))
    assert sorted(problem.code for problem in problems) == [
        "span-inside-token", "span-overlap", "unknown-label", "unknown-label",
    ]  # fmt: skip


def test_expand_takes_whole_tokens(targets):
    (target,) = targets(row((6, 12, "DRUG")), align="expand")
    assert seen(target) == [("Xanax XR", "DRUG")]
    (target,) = targets(row((4, 9, "DRUG")), align="expand")
    assert seen(target) == [("Xanax", "DRUG")]


def test_split_cuts_the_tokens_of_this_text(targets):
    (target, other) = targets(row((6, 9, "DRUG"), (9, 10, "DOSE")), row(), align="split")
    assert seen(target) == [("ana", "DRUG"), ("x", "DOSE")]
    assert target.doc.words == ["take", "X", "ana", "x", "XR", "daily"]
    assert other.doc.words == ["take", "Xanax", "XR", "daily"]


def test_tokens_that_the_row_brings_are_kept(targets):
    tokens = [{"start": 0, "end": 7}, {"start": 7, "end": 10}]
    (target,) = targets(row((7, 10, "DRUG"), tokens=tokens))
    assert target.doc.words == ["take Xa", "nax"]
    assert seen(target) == [("nax", "DRUG")]


@pytest.mark.parametrize(
    ("says", "options", "complete"),
    [
        ({}, {}, True),
        ({"complete": True}, {"complete": False}, True),
        ({"complete": False}, {}, frozenset()),
        ({"complete": ["DOSE"]}, {"complete": True}, {"DOSE"}),
        ({}, {"complete": ["DRUG"]}, {"DRUG"}),
        ({}, {"complete": False}, frozenset()),
        ({"complete": ["A", "B"]}, {"map": {"A": "DRUG", "B": "DRUG"}}, {"DRUG"}),
        ({"complete": ["A"]}, {"map": {"A": "DRUG", "B": "DRUG"}}, frozenset()),
        ({"complete": ["A", "DOSE"]}, {"map": {"A": None}}, {"DOSE"}),
    ],
)
def test_completeness(targets, says, options, complete):
    (target,) = targets(row(**says), **options)
    assert target.complete == complete


def test_map_drops_and_renames(targets):
    (target,) = targets(row((5, 10, "PRODUCT"), (11, 13, "EVENT")), map={"PRODUCT": "DRUG", "EVENT": None})
    assert seen(target) == [("Xanax", "DRUG")]


def test_without_labels_every_label_will_do(targets):
    (target,) = targets(row((5, 10, "ANY")), labels=())
    assert seen(target) == [("Xanax", "ANY")]


@pytest.mark.parametrize("options", [{"map": {"A": "DRGU"}}, {"complete": ["DRGU"]}])
def test_options_that_name_no_label(targets, options):
    with pytest.raises(ConfigError, match="'DRGU' is not a label of the pipeline; did you mean DRUG"):
        targets(row(), **options)


def test_empty_and_odd_texts(targets):
    got = targets(
        {"text": "", "spans": []},
        {"text": " \n\t", "spans": []},
        {"text": "👩‍👧 שלום e\u0301", "spans": [{"start": 4, "end": 8, "label": "DRUG"}]},
    )
    assert not any(isinstance(item, Problem) for item in got)
    assert seen(got[2]) == [("שלום", "DRUG")]

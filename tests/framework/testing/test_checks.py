"""Each contract check passes a right part, and names what a wrong one does; losses have a file of
their own.
"""

import json

import numpy as np
import pytest

from nerture import Doc
from nerture.core.annotations.record import CharSpan, Problem, Record
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.core.targets.target import Belief, Target
from nerture.errors import DataError, Origin
from nerture.interfaces import Match
from nerture.testing import (
    check_matcher,
    check_reader,
    check_sorter,
    check_source,
    check_tokenizer,
    check_writer,
)
from nerture.testing.samples import sample_docs, sample_targets, word_offsets
from nerture.testing.sorter_checks import sample_candidates


def refused(message):
    return pytest.raises(AssertionError, match=message)


# tokenizers


def test_a_right_tokenizer():
    check_tokenizer(word_offsets)


@pytest.mark.parametrize(
    ("offsets", "message"),
    [
        ([[0, 1]], "returned list"),
        (np.zeros((1, 2)), "returned float64"),
        (np.zeros((1, 3), np.int32), r"expected int32 \(N, 2\)"),
        (np.array([[0, 0]], np.int32), "empty token"),
        (np.array([[0, 3], [2, 5]], np.int32), "begins before the end"),
        (np.array([[0, 2], [3, 9]], np.int32), "leaves the 5 characters"),
        (np.array([[0, 2]], np.int32), "lost ' cd' at the end"),
        (np.array([[3, 5]], np.int32), "lost 'ab ' before"),
    ],
)
def test_wrong_offsets(offsets, message):
    with refused(message):
        check_tokenizer(lambda text: offsets, ["ab cd"])


def test_a_tokenizer_that_changes_its_mind():
    answers = iter([word_offsets("ab"), np.array([[0, 1], [1, 2]], np.int32)])
    with refused("other tokens when called again"):
        check_tokenizer(lambda text: next(answers), ["ab"])


# matchers


class Matcher:
    labels = ("A",)

    def __init__(self, find):
        self.find = find

    def __call__(self, doc):
        return self.find(doc)


def test_a_right_matcher():
    found = check_matcher(Matcher(lambda doc: [Match(i, i + 1, "A", "1") for i in range(len(doc))]))
    assert len(found) == sum(map(len, sample_docs()))


@pytest.mark.parametrize(
    ("find", "message"),
    [
        (lambda doc: [(0, 1, "A", "1")], "expected a Match"),
        (lambda doc: [Match(0, 99, "A", "1")], "the text has 2 tokens"),
        (lambda doc: [Match(0, 1, "B", "1")], "its labels are"),
        (lambda doc: [Match(0, 1, "A", 1)], "expected a text as pattern"),
        (lambda doc: [Match(1, 2, "A", "1"), Match(0, 1, "A", "1")], "out of order"),
        (lambda doc: setattr(doc, "spans", [doc.span(0, 1, "A")]) or [], "changed the text's spans"),
    ],
)
def test_wrong_matchers(find, message):
    with refused(message):
        check_matcher(Matcher(find), [Doc.from_words(["a", "b"])])


def test_a_matcher_with_a_list_of_labels():
    matcher = Matcher(lambda doc: [])
    matcher.labels = ["A"]
    with refused("labels: expected a tuple, got list"):
        check_matcher(matcher)


# readers and writers


class Lines:
    """A right reader: one JSON object with text and spans in each line."""

    suffixes = (".lines",)

    def sniff(self, head):
        return head.startswith("{")

    def read(self, stream, name):
        for number, line in enumerate(stream.read().splitlines(), start=1):
            origin = Origin(name, number)
            try:
                row = json.loads(line)
                spans = tuple(CharSpan(*span) for span in row["spans"])
                yield Record(row["text"] + "", origin, spans=spans)
            except (ValueError, KeyError, TypeError, RecursionError) as error:
                yield Problem(origin, "bad-line", str(error))


class LinesWriter:
    suffixes = (".lines",)

    def write(self, stream, record, doc, found):
        if len(doc.text) > 200:
            raise DataError("too long for this format")
        spans = [(span.start_char, span.end_char, span.label) for span in found]
        stream.write(json.dumps({"text": doc.text, "spans": spans}) + "\n")


def test_a_right_reader():
    first, second = check_reader(Lines(), b'{"text": "ab", "spans": [[0, 1, "A"]]}\nbroken\n')
    assert first.spans == (CharSpan(0, 1, "A"),)
    assert second.code == "bad-line"


def test_a_valid_reader_with_tokens():
    def read(stream, name):
        return [Record("ab c", Origin(name, 1), word_offsets("ab c"))] if stream.read() == b"ab c" else []

    assert len(check_reader(with_read(read), b"ab c")) == 1


def test_a_reader_that_changes_its_mind():
    count = iter(range(100))
    with refused("other rows when called again"):
        check_reader(with_read(lambda stream, name: [Record(str(next(count)), Origin(name, 1))]))


def with_read(read, suffixes=(".x",)):
    methods = {"sniff": lambda self, head: False, "read": lambda self, stream, name: read(stream, name)}
    return type("Reader", (), {"suffixes": suffixes, **methods})()


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (
            lambda stream, name: iter(json.loads(stream.read())),
            "raised JSONDecodeError.*expected a Problem",
        ),
        (lambda stream, name: [1], "yielded int"),
        (lambda stream, name: [Record("a", Origin("elsewhere", 1))], "named the file 'elsewhere'"),
        (
            lambda stream, name: [Record("a", Origin(name, 2)), Record("a", Origin(name, 1))],
            "from line 2 to 1",
        ),
        (lambda stream, name: [Problem(Origin(name, 1), "", "x")], "without code"),
        (lambda stream, name: [Problem(Origin(name, 1), "x", "")], "without message"),
        (lambda stream, name: [Record(3, Origin(name, 1))], "yielded the text 3"),
        (
            lambda stream, name: [Record("a", Origin(name, 1), np.array([[0, 5]], np.int32))],
            "do not fit their text",
        ),
    ],
)
def test_wrong_readers(read, message):
    with refused(message):
        check_reader(with_read(read))


def test_a_suffix_without_dot():
    with refused("suffixes: expected a dot"):
        check_reader(with_read(lambda stream, name: [], ("x",)))


def test_a_sniff_that_is_no_answer():
    reader = with_read(lambda stream, name: [])
    reader.sniff = lambda head: None
    with refused("sniff returned None"):
        check_reader(reader)


def test_a_right_writer():
    assert check_writer(LinesWriter(), Lines()).count("\n") == len(sample_docs()) - 1


def test_a_right_writer_of_tokens():
    class Words:
        suffixes = ()

        def write(self, stream, record, doc, found):
            spans = [
                (span.start_char - doc[0].start_char, span.end_char - doc[0].start_char, span.label)
                for span in found
            ]
            stream.write(json.dumps({"text": " ".join(doc.words), "spans": spans}) + "\n" if len(doc) else "")

    check_writer(Words(), Lines(), tokens_only=True)
    with refused("read back"):
        check_writer(Words(), Lines())


def half(stream, record, doc, found):
    stream.write(doc.text[:1])
    if doc.text:
        raise DataError("changed my mind")


def line(text, spans=()):
    return json.dumps({"text": text, "spans": spans}) + "\n"


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda stream, record, doc, found: None, "wrote nothing"),
        (half, "but wrote a part of it"),
        (lambda stream, record, doc, found: stream.write("broken\n"), "finds a problem"),
        (lambda stream, record, doc, found: doc.text or stream.write(line("")), "1 were read back"),
        (lambda stream, record, doc, found: stream.write(line("")), "'' was read back"),
        (lambda stream, record, doc, found: stream.write(line(doc.text)), r"\[\] were read back"),
    ],
)
def test_wrong_writers(write, message):
    writer = type("Writer", (), {"suffixes": (), "write": lambda self, *arguments: write(*arguments)})()
    with refused(message):
        check_writer(writer, Lines())


# sources


def source(*items):
    return type("Source", (), {"targets": lambda self: iter(items)})()


def test_a_right_source():
    items = sample_targets(("A", "B"))
    assert check_source(source(*items, Problem(Origin("x"), "c", "m")), ("A", "B"))[:-1] == items


def test_wrong_sources():
    doc, other = Doc.from_words(["a", "b"]), Doc.from_words(["a", "b", "c"])
    for item, message in [
        (3, "got int"),
        (Target(doc, (doc.span(0, 1, "C"),)), "expected a label of"),
        (Target(doc, rejected=(doc.span(0, 1, "C"),)), "expected a label of"),
        (Target(doc, (other.span(2, 3, "A"),)), "not within the 2 tokens"),
        (Target(doc, (doc.span(0, 2, "A"), doc.span(1, 2, "B"))), "overlaps the span before it"),
        (Target(doc, complete=frozenset({"C"})), "complete for labels"),
        (Target(doc, outside=(2,)), "outside"),
        (Target(doc, weight=-1.0), "expected a weight of 0 or more, got -1"),
    ]:
        with refused(message):
            check_source(source(item), ("A", "B"))


def holds(*rows, labels=("A", "B")):
    """A target whose teacher says of a text of two tokens: start, end, label's number, probability."""
    spans = np.array([row[:3] for row in rows], np.int32).reshape(-1, 3)
    shares = np.array([row[3] for row in rows], np.float32)
    return Target(Doc.from_words(["a", "b"]), teacher=SpanProbabilities(labels, spans, shares))


def believes(start, end, label, probability):
    doc = Doc.from_words(["a", "b", "c"])
    return Target(Doc.from_words(["a", "b"]), beliefs=(Belief(doc.span(start, end, label), probability),))


def test_a_right_source_of_soft_knowledge():
    for item in (holds((0, 2, 0, 0.4), (1, 2, 1, 0.6)), holds(), believes(0, 1, "B", 0.5)):
        assert check_source(source(item), ("A", "B")) == [item]


def test_wrong_sources_of_soft_knowledge():
    good = holds((0, 1, 0, 0.5))
    wide = SpanProbabilities(("A",), good.teacher.spans.astype(np.int64), good.teacher.probabilities)
    for item, message in [
        (believes(0, 1, "C", 0.5), "believes C 'a' .*, expected a label of"),
        (believes(2, 3, "A", 0.5), "not within the 2 tokens"),
        (believes(0, 1, "A", 1.5), "believes A 'a' .*: expected a probability from 0 to 1, got 1.5"),
        (holds(labels=("A", "C")), r"labels that the pipeline does not have: \['C'\]"),
        (holds((0, 3, 0, 0.5)), "not within the 2 tokens"),
        (holds((1, 1, 0, 0.5)), "not within the 2 tokens"),
        (holds((0, 1, 2, 0.5)), "not within the 2 tokens"),
        (holds((0, 1, 0, -0.5)), "not from 0 to 1"),
        (holds((0, 1, 0, 0.5), (0, 2, 1, 0.6)), "got a sum of 1.100"),
        (Target(good.doc, teacher=wide), r"spans: expected int32 \(1, 3\), got int64 \(1, 3\)"),
    ]:
        with refused(message):
            check_source(source(item), ("A", "B"))


def test_a_source_that_runs_dry():
    items = iter([Target(Doc.from_words(["a"]))])
    with refused("1 items, and 0 when called again"):
        check_source(type("Source", (), {"targets": lambda self: items})(), ("A",))


# sorters


def test_a_right_sorter_may_leave_candidates_out():
    assert check_sorter(lambda candidates, seed: list(range(0, len(candidates), 2)))[:2] == [0, 2]


@pytest.mark.parametrize(
    ("order", "message"),
    [
        (lambda candidates: [0] * len(candidates), "an index twice"),
        (lambda candidates: [len(candidates)] * bool(candidates), "expected the indices of 14"),
        (lambda candidates: [0.0] * bool(candidates), "returned 0.0, expected whole numbers"),
        (lambda candidates: [0], "returned an index when there were no candidates"),
        (lambda candidates: set(range(len(candidates))), "returned set|without"),
    ],
)
def test_wrong_sorters(order, message):
    with refused(message):
        check_sorter(lambda candidates, seed: order(candidates))


def test_a_sorter_that_changes_its_mind():
    calls = []

    def sorter(candidates, seed):
        calls.append(seed)
        return list(range(len(candidates)))[:: 1 if len(calls) % 2 else -1]

    with refused("returned another order when called again"):
        check_sorter(sorter)


def test_a_sorter_that_sorts_in_place():
    def sorter(candidates, seed):
        candidates.reverse()
        return list(range(len(candidates)))

    with refused("changed the list of candidates"):
        check_sorter(sorter, sample_candidates())

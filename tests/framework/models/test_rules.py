"""What rules know of a text, and what becomes of contradictions."""

from __future__ import annotations

import pytest

from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.core.text.match import Match
from nerture.errors import ConfigError, ConflictError, Origin
from nerture.models.rules import Constraints, check_labels, combine_targets

DOC = Doc.from_words(["red", "Ann", "of", "12", "x"])


class Rule:
    """A matcher that hits the same tokens of every text that is long enough."""

    def __init__(self, *hits):
        self.hits = [Match(*hit) for hit in hits]
        self.labels = tuple(dict.fromkeys(hit.label for hit in self.hits))

    def __call__(self, doc):
        return [hit for hit in self.hits if hit.end <= len(doc)]


def triples(spans):
    return [(span.start, span.end, span.label) for span in spans]


def test_hits_become_a_target_that_is_complete_for_nothing():
    rules = Constraints(
        [Rule((0, 2, "A", "p")), Rule((0, 2, "A", "q"), (3, 4, "B", "r"))], [Rule((1, 2, "A", "s"))]
    )
    known = rules(DOC)
    assert triples(known.spans) == [(0, 2, "A"), (3, 4, "B")]
    assert triples(known.rejected) == [(1, 2, "A")]
    assert not known.is_complete_for("A")
    assert rules(Doc.from_words(["red"])) is None
    assert Constraints()(DOC) is None


def test_two_sets_of_rules_hold_together():
    both = Constraints([Rule((0, 1, "A", "p"))]).also(
        Constraints([Rule((2, 3, "A", "q"))], [Rule((4, 5, "B", "r"))])
    )
    known = both(DOC)
    assert triples(known.spans) == [(0, 1, "A"), (2, 3, "A")]
    assert triples(known.rejected) == [(4, 5, "B")]


@pytest.mark.parametrize(
    ("forced", "forbidden", "message"),
    [
        (
            [(0, 2, "A", "p"), (1, 3, "A", "q")],
            [],
            r"required by pattern 'p', and A 'Ann of' .* required by pattern 'q', overlap",
        ),
        ([(0, 2, "A", "p"), (0, 2, "B", "q")], [], "overlap"),
        ([(0, 4, "A", "p"), (1, 2, "B", "q"), (3, 4, "B", "r")], [], "pattern 'q', overlap"),
        (
            [(0, 2, "A", "p")],
            [(0, 2, "A", "q")],
            "is required by pattern 'p', and forbidden by pattern 'q'",
        ),
    ],
)
def test_contradictions_name_both_patterns_and_the_place(forced, forbidden, message):
    rules = Constraints([Rule(hit) for hit in forced], [Rule(*forbidden)])
    with pytest.raises(ConflictError, match=rf"t\.txt:4: constraints: .*{message}"):
        rules(DOC, Origin("t.txt", 4))


def test_what_overlaps_is_no_contradiction_if_it_is_forbidden():
    rules = Constraints(
        [Rule((0, 2, "A", "p"))], [Rule((0, 1, "A", "q"), (1, 3, "A", "r"), (0, 2, "B", "s"))]
    )
    assert len(rules(DOC).rejected) == 3


def test_both_what_is_known_and_what_is_asked():
    known = Constraints([Rule((0, 1, "A", "p"))], [Rule((2, 3, "A", "q"))])(DOC)
    joined = combine_targets(Target(DOC, (DOC.span(1, 2, "B"),), frozenset("B")), known)
    assert set(triples(joined.spans)) == {(0, 1, "A"), (1, 2, "B")}
    assert joined.is_complete_for("B")
    assert not joined.is_complete_for("A")
    assert triples(joined.rejected) == [(2, 3, "A")]
    with pytest.raises(ConflictError, match="is required, but missing in a target complete for A"):
        combine_targets(Target(DOC), known)


def test_labels_that_the_model_does_not_give_are_refused():
    with pytest.raises(
        ConfigError, match=r"--require: expected constraints .*DRUG, got 'DRGU'; did you mean DRUG"
    ):
        check_labels(Rule((0, 1, "DRGU", "p")), ["DRUG"], "--require")
    check_labels(Rule((0, 1, "DRUG", "p")), ["DRUG"], "--require")

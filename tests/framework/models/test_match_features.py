from __future__ import annotations

from nerture.core.text.doc import Doc
from nerture.interfaces import Match
from nerture.models.match_features import MatchFeatureExtractor

DOC = Doc.from_words(["a", "b", "c", "d", "e"])


class Fixed:
    labels = ("A", "B")

    def __init__(self, *hits):
        self.hits = hits

    def __call__(self, doc):
        return [Match(*hit, "1") for hit in self.hits]


def said(*matchers):
    return MatchFeatureExtractor([Fixed(*hits) for hits in matchers])(DOC).tolist()


def test_where_nothing_hits_there_is_nothing_to_see():
    assert said([]) == [0] * 5
    assert said([(1, 2, "A")])[0] == 0


def test_place_within_the_hit_label_and_matcher_tell_tokens_apart():
    begin, inside, last, unit = (*said([(0, 3, "A"), (3, 4, "A")])[:4],)
    assert len({begin, inside, last, unit, 0}) == 5
    assert said([(0, 1, "B")])[0] not in (unit, 0)
    assert said([], [(0, 1, "A")])[0] not in (unit, 0), "another matcher"
    assert said([(2, 3, "A")])[2] == unit, "the same thing is the same attribute"


def test_several_hits_are_a_set():
    both = said([(0, 1, "A"), (0, 2, "B")])
    assert both == said([(0, 2, "B"), (0, 1, "A"), (0, 1, "A")])
    assert both[0] not in (said([(0, 1, "A")])[0], said([(0, 2, "B")])[0])


def test_an_empty_text():
    assert MatchFeatureExtractor([Fixed()])(Doc.from_words([])).shape == (0,)

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


def features_of(*matchers):
    return MatchFeatureExtractor([Fixed(*hits) for hits in matchers])(DOC).tolist()


def test_without_hits_there_is_no_feature():
    assert features_of([]) == [0] * 5
    assert features_of([(1, 2, "A")])[0] == 0


def test_place_within_the_hit_label_and_matcher_tell_tokens_apart():
    begin, inside, last, unit = (*features_of([(0, 3, "A"), (3, 4, "A")])[:4],)
    assert len({begin, inside, last, unit, 0}) == 5
    assert features_of([(0, 1, "B")])[0] not in (unit, 0)
    assert features_of([], [(0, 1, "A")])[0] not in (unit, 0), "another matcher"
    assert features_of([(2, 3, "A")])[2] == unit, "the same thing is the same attribute"


def test_several_hits_are_a_set():
    both = features_of([(0, 1, "A"), (0, 2, "B")])
    assert both == features_of([(0, 2, "B"), (0, 1, "A"), (0, 1, "A")])
    assert both[0] not in (features_of([(0, 1, "A")])[0], features_of([(0, 2, "B")])[0])


def test_an_empty_text():
    assert MatchFeatureExtractor([Fixed()])(Doc.from_words([])).shape == (0,)

"""What goes wrong when answers are charged state by state, and does not here.

``StateByState`` charges an action only for what it does at once, as is usual: a rejected span at its last
token, an unknown token never. The gradients of both sides are compared on the scores of single texts.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings

from nerture.core.errors import ConflictError
from nerture.core.lattice.derivations import Derivations
from nerture.core.lattice.span_costs import target_costs
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Span

from ..core.lattice.test_derivations import problems
from ..support.all_derivations import agrees, enumerate_all

B, OUTSIDE = 1, 0


class StateByState:
    """The usual costs, one label: softmax over the cheapest actions of each state against all valid ones."""

    def gradient(self, closed, open_, target):
        length, longest = len(closed), open_.shape[1] + 1
        rejected = {(span.start, span.end) for span in target.rejected}
        accepted = {(span.start, span.end) for span in target.spans}
        d_closed, d_open = np.zeros_like(closed), np.zeros_like(open_)
        for token in range(length):
            costs = {0: 0, 2: (token, token + 1) in rejected}
            if token + 1 < length and longest > 1:
                costs[1] = 0
            for start, end in accepted:
                if start <= token < end:  # a token of a known entity asks for its own action
                    wanted = {True: 2, False: 1}[end - start == 1] if token == start else None
                    costs = {column: int(column != wanted) for column in costs}
            d_closed[token] = self._slopes(closed[token], costs)
            for back in range(1, min(longest, token + 1)):
                costs = {1: (token - back, token + 1) in rejected}
                if token + 1 < length and back + 1 < longest:
                    costs[0] = 0
                d_open[token, back - 1] = self._slopes(open_[token, back - 1], costs)
        return d_closed, d_open

    @staticmethod
    def _slopes(scores, costs):
        """Return the gradient of log P(cheapest actions)."""
        slopes = np.zeros_like(scores)
        cheapest = min(costs.values())
        weights = {column: np.exp(scores[column]) for column in costs}
        good = sum(weights[column] for column, cost in costs.items() if cost == cheapest)
        for column, cost in costs.items():
            slopes[column] = (weights[column] / good if cost == cheapest else 0) - weights[column] / sum(
                weights.values()
            )
        return slopes


def text(words):
    return Doc.from_words(words.split())


def flat(doc, longest=4):
    return np.zeros((len(doc), 3)), np.zeros((len(doc), longest - 1, 2))


def climb(closed, open_, targets, steps=400):
    """Follow the exact gradient of the targets' log-masses, each with its weight."""
    for _ in range(steps):
        for target in targets:
            _, d_closed, d_open = Derivations(closed, open_, ("GPE",)).gradient(target)
            closed += 0.5 * target.weight * d_closed
            open_ += 0.5 * target.weight * d_open
    return Derivations(closed, open_, ("GPE",))


def test_a_rejected_span_is_charged_where_it_begins():
    doc = text("in New York City today")
    rejected = Target(doc, complete=False, rejected=(Span(1, 3, "GPE", doc=doc),))
    closed, open_ = flat(doc)
    usual, _ = StateByState().gradient(closed, open_, rejected)
    _, exact, _ = Derivations(closed, open_, ("GPE",)).gradient(rejected)
    assert usual[1, B] == usual[1, OUTSIDE] == 0  # nothing is learned about the beginning
    assert exact[1, B] < 0 < exact[1, OUTSIDE]


def test_after_a_reject_only_an_o_signal_keeps_the_entity_from_growing():
    doc = text("in New York City today")
    rejected = Target(doc, complete=False, rejected=(Span(1, 3, "GPE", doc=doc),))

    def sure():
        closed, open_ = flat(doc)
        closed[:, OUTSIDE] = 9.0
        closed[1, B] = 20.0  # sure that an entity begins, and that it ends after two tokens
        open_[2, 0, 1] = 6.0
        return closed, open_

    def best(derivations):
        return derivations.k_best(1)[0][1]

    assert best(Derivations(*sure(), ("GPE",))) == [(1, 3, "GPE")]
    (alone,) = best(climb(*sure(), [rejected]))
    assert alone[0] == 1, "the model moves to its own distribution given the answer: the entity grows"
    assert alone[1] > 3
    probably_empty = Target(doc, weight=0.05)
    assert best(climb(*sure(), [rejected, probably_empty])) == []
    closed, open_ = sure()
    for _ in range(400):  # the same O-signal beside the usual costs: the beginning hears of the signal alone
        d_closed, d_open = StateByState().gradient(closed, open_, rejected)
        assert d_closed[1, B] == 0
        closed, open_ = closed + 0.5 * d_closed, open_ + 0.5 * d_open
    (usual,) = best(Derivations(closed, open_, ("GPE",)))
    assert usual[0] == 1
    assert usual[1] > 3


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_reject_at_the_end_of_the_text_teaches(length):
    doc = text("we went to New York City")
    end = len(doc)
    rejected = Target(doc, complete=False, rejected=(Span(end - length, end, "GPE", doc=doc),))
    closed, open_ = flat(doc)
    usual_closed, usual_open = StateByState().gradient(closed, open_, rejected)
    if length > 1:  # L is the only valid action at the end, so it is among the cheapest: no gradient anywhere
        assert not usual_closed.any()
        assert not usual_open[end - 1].any()
    before = Derivations(closed, open_, ("GPE",)).span_probability(end - length, end, "GPE")
    after = climb(closed, open_, [rejected]).span_probability(end - length, end, "GPE")
    assert after < before / 20


def test_an_accepted_span_is_not_swallowed_by_one_that_begins_before_it():
    doc = text("the New York office")
    accepted = Target(doc, (Span(1, 3, "GPE", doc=doc),), complete=False)
    closed, open_ = flat(doc)
    closed[0, B] = 2.0
    usual, _ = StateByState().gradient(closed, open_, accepted)
    assert usual[0, B] == 0  # the unknown token before it may begin whatever it likes
    _, exact, _ = Derivations(closed, open_, ("GPE",)).gradient(accepted)
    assert exact[0, B] < -0.5
    # U and O on the token before stay as likely, to each other, as they were
    assert exact[0, OUTSIDE] == pytest.approx(exact[0, 2])
    assert climb(closed, open_, [accepted]).span_probability(1, 3, "GPE") > 0.95


@given(problems())
@hypothesis_settings(deadline=None, derandomize=True)
def test_every_target_that_can_be_met_has_mass_and_is_reached(problem):
    closed, open_, labels, target = problem
    derivations = Derivations(closed, open_, labels)
    if any(agrees(spans, target) for spans, _, _ in enumerate_all(closed, open_, labels)):
        assert np.isfinite(derivations.log_mass(target))
        ((_, best),) = derivations.k_best(1, target)
        assert agrees(tuple(best), target)
    else:
        with pytest.raises(ConflictError):
            derivations.k_best(1, target)


@pytest.mark.parametrize("kind", ["overlapping", "rejected", "outside"])
def test_a_contradiction_is_reported_alike_everywhere(kind):
    doc = text("the New York office")
    span = Span(1, 3, "GPE", doc=doc)
    other = {
        "overlapping": {"spans": (span, Span(2, 4, "GPE", doc=doc))},
        "rejected": {"spans": (span,), "rejected": (span,)},
        "outside": {"spans": (span,), "outside": (2,)},
    }
    target = Target(doc, complete=False, **other[kind])
    derivations = Derivations(*flat(doc), ("GPE",))
    said = set()
    for ask in (
        derivations.log_mass,
        derivations.gradient,
        derivations.span_probabilities,
        lambda target: derivations.k_best(3, target),
        lambda target: target_costs(target, ("GPE",), 4),
    ):
        with pytest.raises(ConflictError) as caught:
            ask(target)
        said.add(str(caught.value))
    assert len(said) == 1
    assert "New York" in said.pop()

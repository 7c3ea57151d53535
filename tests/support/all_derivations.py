"""Every derivation of a short text with its probability, action by action: the slow truth to compare with."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from nerture.core.targets.target import Target

Spans = tuple[tuple[int, int, str], ...]
Action = tuple[str, int, int, int]  # kind of state, token, column, row of `open` (-1: nothing is open)


def enumerate_all(closed, open_, labels) -> list[tuple[Spans, float, tuple[Action, ...]]]:
    """Return all derivations: their spans, log-probability (summed with fsum), and actions taken."""
    length, longest = len(closed), open_.shape[1] + 1
    found = []
    for spans, chosen in _walk(length, longest, len(labels), 0, None):
        steps = [_log_probability(closed, open_, action, valid) for action, valid in chosen]
        named = tuple((start, end, labels[label]) for start, end, label in spans)
        found.append((named, math.fsum(steps), tuple(action for action, _ in chosen)))
    return found


def calibrated(closed, open_, labels, calibration):
    """Return the scores divided, and shifted where an entity may begin, column by column."""
    closed, open_ = closed / calibration.temperature, open_ / calibration.temperature
    for place, label in enumerate(labels):
        for column in (1 + place, 1 + len(labels) + place):
            closed[:, column] += calibration.offsets.get(label, 0.0)
    return closed, open_


def _walk(length, longest, labels, token, opened) -> Iterator[tuple[list, list]]:
    """Yield (spans, [(action, valid columns of its state)]) of every way to the end."""
    if token == length:
        if opened is None:
            yield [], []
        return
    more = token + 1 < length
    if opened is None:
        columns = [
            0,
            *(range(1, labels + 1) if more and longest > 1 else ()),
            *range(labels + 1, 2 * labels + 1),
        ]
        for column in columns:
            here = ("closed", token, column, -1), columns
            if column == 0:
                tails, span = _walk(length, longest, labels, token + 1, None), []
            elif column <= labels:
                tails, span = _walk(length, longest, labels, token + 1, (token, column - 1)), []
            else:
                tails = _walk(length, longest, labels, token + 1, None)
                span = [(token, token + 1, column - labels - 1)]
            for spans, actions in tails:
                yield span + spans, [here, *actions]
        return
    start, label = opened
    columns = [label, labels + label] if more and token + 2 - start <= longest else [labels + label]
    for column in columns:
        here = ("open", token, column, token - start - 1), columns
        if column == label:
            tails, span = _walk(length, longest, labels, token + 1, opened), []
        else:
            tails, span = _walk(length, longest, labels, token + 1, None), [(start, token + 1, label)]
        for spans, actions in tails:
            yield span + spans, [here, *actions]


def _log_probability(closed, open_, action, valid) -> float:
    kind, token, column, row = action
    scores = closed[token] if kind == "closed" else open_[token, row]
    values = [float(scores[other]) for other in valid]
    highest = max(values)
    return (
        float(scores[column]) - highest - math.log(math.fsum(math.exp(value - highest) for value in values))
    )


def agrees(spans: Spans, target: Target) -> bool:
    """Say whether a derivation agrees with the hard part of a target, straight from the words."""
    here = set(spans)
    known = {(span.start, span.end, span.label) for span in target.spans}
    return (
        known <= here
        and not any((span.start, span.end, span.label) in here for span in target.rejected)
        and not any(start <= token < end for start, end, _ in here for token in target.outside)
        and not any(
            {(span.start, span.end, span.label) for span in group} <= here for group in target.not_together
        )
        and not any(target.is_complete_for(label) for _, _, label in here - known)
    )


def log_sum(values) -> float:
    """Return log(sum(exp(values)))."""
    values = [value for value in values if value > -math.inf]
    if not values:
        return -math.inf
    highest = max(values)
    return highest + math.log(math.fsum(math.exp(value - highest) for value in values))


def shares(derivations, mass, shape_closed, shape_open) -> tuple[np.ndarray, np.ndarray]:
    """Return how often each action is taken by the derivations, whose masses are divided by exp(mass)."""
    closed, open_ = np.zeros(shape_closed), np.zeros(shape_open)
    for _, weight, actions in derivations:
        for kind, token, column, row in actions:
            if kind == "closed":
                closed[token, column] += math.exp(weight - mass)
            else:
                open_[token, row, column] += math.exp(weight - mass)
    return closed, open_

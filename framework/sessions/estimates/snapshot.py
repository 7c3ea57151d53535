"""``TrainingSnapshot``: what a model version is trained on, and the estimates used to ask with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nerture.core.targets.target import Target
from nerture.sessions.estimates.answer_speed import AnswerSpeed
from nerture.sessions.estimates.online_calibration import OnlineCalibration
from nerture.sessions.estimates.prequential import PrequentialCounts

PRIOR_UNSEEN_RATE, PRIOR_UNSEEN_WORDS = 0.02, 300.0
"""Prior mean and weight (in words) of the share of new words that begin an unforeseen entity."""


@dataclass(frozen=True, slots=True)
class TrainingSnapshot:
    """Everything known when the training of a version began; immutable.

    ``targets`` is what the answers say about each text, merged. ``reliabilities`` has that of each answered
    pattern; ``prior`` is that of all others. ``calibration`` and ``answer_speed`` are estimated from the
    answers; ``unseen_rate`` is how many unforeseen entities were added per new word. ``from_scratch`` is
    whether training starts over instead of continuing from the version before. There are ``answers`` current
    answers after ``events`` events of the log; the version before was trained on ``learned`` answers.
    ``held_out`` is what the answers say about held-out texts, ``counts`` what versions found in the latest
    texts before these were answered: both measure how good the version is.
    """

    targets: tuple[Target, ...]
    reliabilities: Mapping[str, float]
    prior: float
    calibration: OnlineCalibration = field(default_factory=OnlineCalibration)
    answer_speed: AnswerSpeed = field(default_factory=AnswerSpeed)
    unseen_rate: float = PRIOR_UNSEEN_RATE
    from_scratch: bool = False
    events: int = 0
    answers: int = 0
    learned: int = 0
    held_out: tuple[Target, ...] = ()
    counts: PrequentialCounts = field(default_factory=PrequentialCounts)

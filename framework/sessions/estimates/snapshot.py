"""``TrainingSnapshot``: what a version of the model learns from, and what is asked by when it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from nerture.core.targets.target import Target
from nerture.sessions.estimates.answer_speed import AnswerSpeed
from nerture.sessions.estimates.online_calibration import OnlineCalibration
from nerture.sessions.estimates.prequential import PrequentialCounts

MISSED, MISSED_WORDS = 0.02, 300.0
"""What is taken for the share of new words that begin an entity nobody foresaw, as if so many were read."""


@dataclass(frozen=True, slots=True)
class TrainingSnapshot:
    """What was known when a version began to learn: a picture of the state that does not change any more.

    ``targets`` is what answers say of each text, merged. ``reliabilities`` are those of the patterns that
    were answered about; ``prior`` is that of all others. ``calibration`` and ``pace`` are what the answers
    showed of the model's probabilities and of the annotators' speed; ``missed`` is how many entities that
    nobody had foreseen were added for each word that was new. ``from_scratch``: learning starts over
    again, and does not go on from the version before. ``answers`` stand now, after so many ``events`` of the
    log, and ``learned`` stood when that version learned. ``aside`` is what answers say of
    texts that are set aside, ``reading`` how much of the latest texts was found before they were marked: they
    tell how good the version is.
    """

    targets: tuple[Target, ...]
    reliabilities: Mapping[str, float]
    prior: float
    calibration: OnlineCalibration = field(default_factory=OnlineCalibration)
    pace: AnswerSpeed = field(default_factory=AnswerSpeed)
    missed: float = MISSED
    from_scratch: bool = False
    events: int = 0
    answers: int = 0
    learned: int = 0
    aside: tuple[Target, ...] = ()
    reading: PrequentialCounts = field(default_factory=PrequentialCounts)

"""A small session: texts about drugs, a matcher that finds them, and a fast trainer."""

from __future__ import annotations

import itertools

from nerture.core.annotations.record import Record
from nerture.core.learner.learner import Learner
from nerture.core.network.settings import ModelSettings
from nerture.core.text.doc import Doc
from nerture.core.text.match import Match
from nerture.errors import Origin
from nerture.sessions.answers.question import Answer
from nerture.sessions.learning.refit_schedule import is_refit_due
from nerture.sessions.live.state import SessionState
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool

DRUGS = ("aspirin", "codeine", "valium")
LABELS = ("DRUG",)
SMALL = ModelSettings(width=8, depth=1, hidden=8)


class Drugs:
    """Finds the drugs."""

    labels = LABELS

    def __call__(self, doc):
        return [
            Match(number, number + 1, "DRUG", pattern=f"p-{token.text}")
            for number, token in enumerate(doc)
            if token.text in DRUGS
        ]


def texts(count=30):
    for number in range(count):
        text = f"Text {number} names {DRUGS[number % 3]} and {DRUGS[(number + 1) % 3]} once ."
        yield Record(text, Origin("texts", number + 1), fields={"text": text, "meta": {"number": number}})


def make_pool(count=30):
    return Pool(texts(count), lambda record: Doc(record.text), [Drugs()])


def plain_pool(count=30):
    """The same texts without a matcher, so that everything accepted is new."""
    return Pool(texts(count), lambda record: Doc(record.text))


def make_plan(**changes):
    return SessionPlan(**{"mode": "match", "labels": LABELS, **changes})


class Quick:
    """A fast trainer whose weights depend on all snapshots that it was trained on.

    ``trained`` has the number of log events of each snapshot.
    """

    match_features = None

    def __init__(self, start=None):
        self.start = start
        self.trained = []

    def learn(self, previous, snapshot, step=lambda: None):
        step()
        self.trained.append(snapshot.events)
        if previous is None or snapshot.from_scratch:
            learner = self.start or Learner(LABELS, SMALL, 3, seed=1)
        else:
            learner = previous
        weights = learner.weights.copy()
        weights.flat[:] *= 0.9
        weights.flat[: len(snapshot.targets)] += snapshot.answers
        weights.flat[-1] += sum(len(target.spans) - 2 * len(target.rejected) for target in snapshot.targets)
        return Learner(LABELS, SMALL, 3, weights=weights)


numbers = itertools.count()


def reply(question, verdict="accept", annotator="ann", id=None, **more):
    """An answer with its own id."""
    return Answer(id or f"a{next(numbers)}", question.id, verdict, annotator, **more)


class Learns(SessionState):
    """A state whose model is updated after three answers in every mode, and never refitted."""

    def is_update_due(self, at_end=False):
        return self.answer_index.count_changes() >= (1 if at_end else 3)

    def is_refit_due(self, at_end=False):
        return False


class Refits(Learns):
    """The same with refits."""

    def is_refit_due(self, at_end=False):
        return is_refit_due(self.answer_index, at_end)


def snapshots(session, first=1):
    """The number of log events that each version from ``first`` on was trained on."""
    return [learned.events for learned in session._event_log.learned if learned.version >= first]


def weights(session):
    """The weights of the newest version of the model."""
    return session.learner.weights.flat.tobytes()

"""A small session: texts with a drug in some, a matcher that finds some of them, a teacher that is quick."""

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
    """The same texts without a matcher: whatever is accepted is new."""
    return Pool(texts(count), lambda record: Doc(record.text))


def make_plan(**changes):
    return SessionPlan(**{"mode": "match", "labels": LABELS, **changes})


class Quick:
    """A teacher whose weights tell what it was taught: each version mixes the lesson into those before.

    ``taught`` are the lessons, each by how many events of the log it is about.
    """

    match_features = None

    def __init__(self, start=None):
        self.start = start
        self.taught = []

    def learn(self, previous, snapshot, step=lambda: None):
        step()
        self.taught.append(snapshot.events)
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
    """An answer with an id of its own."""
    return Answer(id or f"a{next(numbers)}", question.id, verdict, annotator, **more)


class Learns(SessionState):
    """A state that is due after three answers, in every mode, and is never made afresh beside that."""

    def due(self, at_end=False):
        return self.answer_index.fresh() >= (1 if at_end else 3)

    def refits(self, at_end=False):
        return False


class Refits(Learns):
    """The same, and made afresh now and then."""

    def refits(self, at_end=False):
        return is_refit_due(self.answer_index, at_end)


def snapshots(session, first=1):
    """What the versions from the first on learned from: so many events of the log."""
    return [learned.events for learned in session._event_log.learned if learned.version >= first]


def weights(session):
    """All that the newest version of the model is."""
    return session.learner.weights.flat.tobytes()

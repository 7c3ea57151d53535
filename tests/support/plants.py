"""Small sessions: texts about plants, a few patterns, models with a few hundred weights."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nerture.core.annotations.record import Record
from nerture.core.errors import Origin
from nerture.core.learner.learner import Learner
from nerture.core.network.settings import ModelSettings
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc
from nerture.core.text.match import Match
from nerture.plugins.lattice_loss import Lattice
from nerture.sessions.answers.question import Answer
from nerture.sessions.learning.incremental_trainer import IncrementalTrainer
from nerture.sessions.live.state import SessionState
from nerture.sessions.log.events import Asked, Learned
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool.pool import Pool

PLANTS = ("leeks", "kale", "hosta", "black currants", "fennel", "sorrel")
FRAMES = (
    "Planted the {} in bed {number} .",
    "Slugs ate all of the {} in week {number} .",
    "Nothing happened in week {number} .",
    "The {} and the {} came up , but {number} pots stayed bare .",
    "It rained for {number} days .",
)
SMALL = ModelSettings(width=16, depth=1, hidden=16)


def texts(count):
    """``count`` different texts, the same ones each time."""
    found = []
    for number in range(count):
        frame = FRAMES[number % len(FRAMES)]
        plants = [PLANTS[(number * 7 + place * 3) % len(PLANTS)] for place in range(frame.count("{}"))]
        found.append(frame.format(*plants, number=number))
    return found


def gold(text):
    """The plants in a text: characters and label."""
    found = []
    for plant in PLANTS:
        start = text.find(plant)
        if start >= 0:
            found.append((start, start + len(plant), "PLANT"))
    return tuple(sorted(found))


class Words:
    """A matcher that hits some words."""

    labels = ("PLANT",)

    def __init__(self, *words):
        self.words = words

    def __call__(self, doc):
        return [
            Match(place, place + 1, "PLANT", word)
            for place, word in enumerate(doc.words)
            if word in self.words
        ]


def records(count):
    return [Record(text, Origin("texts", line)) for line, text in enumerate(texts(count), start=1)]


def pool(count=60, words=("leeks", "kale", "week"), segment=False):
    matchers = (Words(*words),) if words else ()
    return Pool(records(count), lambda record: Doc(record.text), matchers, segment=segment)


class Play:
    """A session in memory, without a log in a store."""

    def __init__(self, plan, texts_of=None, sorter=None, prior_targets=()):
        self.pool = texts_of or pool()
        self.state = SessionState(plan, self.pool, sorter, prior_targets)
        self.trainer = IncrementalTrainer(plan, self.pool, Lattice(), settings=SMALL)
        self.log, self.learner, self.pool_predictions, self.now = [], None, None, 0.0

    def apply(self, event):
        self.log.append(event)
        self.state.apply(event)

    def learn(self, from_scratch=False):
        snapshot = self.state.snapshot()
        snapshot = replace(
            snapshot, from_scratch=from_scratch or snapshot.from_scratch or self.learner is None
        )
        version = self.state.answer_index.version + 1
        self.learner = self.trainer.learn(self.learner, snapshot)
        self.pool_predictions = self.state.predict_pool(self.learner, version, snapshot)
        self.apply(Learned(version, snapshot.events, self.pool_predictions.f1, snapshot.from_scratch))

    def ask(self, annotator="ann"):
        question = self.state.propose(annotator, self.now, self.pool_predictions)
        if question is not None:
            self.apply(Asked(question, annotator, self.now + 100))
        return question

    def answer(self, question, annotator="ann", verdict=None, spans=None, seconds=2.0):
        right = gold(question.text)
        suggested = {(span.start_char, span.end_char, span.label) for span in question.spans}
        if verdict is None and question.kind == "text":
            verdict, spans = "accept", right
        verdict = verdict or ("accept" if suggested <= set(right) else "reject")
        answer = Answer(f"{annotator}-{len(self.log)}", question.id, verdict, annotator, spans, seconds)
        self.apply(self.state.check(answer))
        self.now += seconds
        return answer

    def run(self, answers):
        """Ask and answer ``answers`` questions, and train when it is due."""
        for _ in range(answers):
            if self.state.is_update_due():
                self.learn()
            question = self.ask()
            if question is None:
                return
            self.answer(question)


def annotate(count, label="PLANT"):
    """Complete annotations of the first texts."""
    found = []
    for text in texts(count):
        doc = Doc(text)
        spans = tuple(doc.char_span(start, end, label) for start, end, _ in gold(text))
        found.append(Target(doc, spans, True, origin=Origin("earlier")))
    return found


def suggested_spans(question):
    return [(span.start_char, span.end_char, span.label) for span in question.spans]


def drain(play, answer=None):
    """Ask until nothing is left; return the questions."""
    asked = []
    while (question := play.ask()) is not None:
        asked.append(question)
        (answer or play.answer)(question)
    return asked


@pytest.fixture
def play():
    """Make a session: ``play("teach", ask="span")``."""

    def make(mode="teach", texts_of=None, sorter=None, prior_targets=(), **options):
        return Play(SessionPlan(mode, ("PLANT",), **options), texts_of, sorter, prior_targets)

    return make


@pytest.fixture
def small_learner():
    return Learner(("PLANT",), SMALL, 10, seed=3)

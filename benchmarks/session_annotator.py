"""``Annotator``: answers a server's questions as gold annotations say, and knows what was acknowledged."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from typing import Any

from session_client import Client
from session_remains import ANNOTATOR, Broken, Remains

from nerture.files.corpus import collect
from nerture.pipeline import open_pipeline
from nerture.sessions.answers.question import Answer, Question, SuggestedSpan
from nerture.sessions.pool.pool import Pool
from nerture.simulation.annotator import GoldAnnotator

SENT = ("id", "question", "verdict", "spans", "seconds", "time")


class Annotator:
    """Answers questions about the texts of ``pool``.

    ``acknowledged`` are the answers that the server said it has, in order; ``out`` is the question that it
    asked last, and ``pending`` the answer to it, as long as it has not said so.
    """

    def __init__(self, pipeline: str, gold: str, pool: Pool, draws: random.Random) -> None:
        opened = open_pipeline(pipeline)
        source = opened.manager.registry.create("source", "gold", {"path": gold}, opened.services, gold)
        self.gold = GoldAnnotator(collect(source.targets(), gold).items)
        self.pool, self.draws = pool, draws
        self.acknowledged: list[Answer] = []
        self.pending: Answer | None = None
        self.out: dict[str, Any] | None = None

    def ask(self, client: Client) -> None:
        """Ask for the next question, and think of the answer."""
        questions = client.post("questions")["questions"]
        if not questions:
            raise SystemExit("nothing is left to ask: give more texts, or fewer kills")
        self.out = questions[0]
        self.pending = self._answer(questions[0])

    def send(self, client: Client) -> None:
        """Send the answer; raises ``Broken`` if it is refused for good."""
        assert self.pending is not None
        answer = {name: getattr(self.pending, name) for name in SENT}
        told = client.post("answers", answers=[answer])
        if told["saved"] != [self.pending.id]:
            raise Broken(f"an answer was refused: {told['refused']}")
        self.acknowledged.append(self.pending)
        self.pending = self.out = None

    def compare(self, left: Remains) -> None:
        """Raise ``Broken`` unless a store has what was acknowledged, once, and what was out is out."""
        sent = list(self.acknowledged)
        if self.pending is not None and self.pending.id in left.ids:
            sent.append(self.pending)
        elif self.out is not None and left.out() != self.out:
            raise Broken(f"out was {self.out}\nand the store says {left.out()}")
        if list(left.ids) != [answer.id for answer in sent]:
            raise Broken(f"sent were {[answer.id for answer in sent]}\nand the dataset has {left.ids}")
        if left.answers != sent:
            raise Broken(f"sent were {sent}\nand the log has {left.answers}")

    def _answer(self, asked: dict[str, Any]) -> Answer:
        text = self.pool.find(asked["text"])
        if text is None:
            raise Broken(f"asked about a text that is not in the source: {asked['text']!r}")
        offered = tuple(SuggestedSpan(span["start"], span["end"], span["label"]) for span in asked["spans"])
        question = Question(
            asked["text"], tuple((start, end) for start, end in asked["tokens"]), asked["kind"], offered,
            tuple(asked["labels"]), asked["mode"], asked["reason"], fields=text.record.fields,
        )  # fmt: skip
        if question.id != asked["id"]:
            raise Broken(f"a question came over as another one: {asked}")
        answer = self.gold.answer(question, len(self.acknowledged), time.time())
        return replace(answer, id=f"{self.draws.getrandbits(64):016x}", annotator=ANNOTATOR)

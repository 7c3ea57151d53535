"""``SessionState``: a session as a pure state machine: no input or output, no clock, no threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from nerture.core.learner import Learner
from nerture.core.target import Target
from nerture.errors import DataError, SettingError
from nerture.sessions.asking.asker import Asker, Desk
from nerture.sessions.asking.in_order import Manual, Match
from nerture.sessions.events import Event
from nerture.sessions.ledger import Ledger
from nerture.sessions.lesson import Lesson
from nerture.sessions.outlook import Outlook, look
from nerture.sessions.plan import SessionPlan
from nerture.sessions.pool import Pool
from nerture.sessions.protocol import Standing
from nerture.sessions.question import Answer, Question
from nerture.sessions.records import PRIOR, PatternRecords
from nerture.sessions.statements import check_spans, merged_statements

ASKERS: Mapping[str, Callable[[Desk, PatternRecords], Asker]] = MappingProxyType(
    {"manual": Manual, "match": Match}
)
"""What asks in each mode."""


class SessionState:
    """Everything that a session knows, as a function of its plan, its texts and its log.

    Feed it the events in order (``apply``); ``propose`` changes nothing. The same plan, texts, log and model
    give the same question. It is not safe to be used from several threads at once, with one exception:
    ``look``, which takes long, touches nothing that ``apply`` changes.
    """

    def __init__(self, plan: SessionPlan, pool: Pool) -> None:
        if plan.mode not in ASKERS:
            raise SettingError(f"mode: found {plan.mode!r}, allowed are {', '.join(ASKERS)}")
        self.plan, self.pool = plan, pool
        self.ledger = Ledger()
        self.records = PatternRecords()
        self._asker = ASKERS[plan.mode](Desk(plan, pool, self.ledger), self.records)

    def apply(self, event: Event) -> None:
        """Fold one event of the log in.

        Raises ``DataError`` for an answer to a question that was never asked, and for the undoing of an
        answer that does not stand.
        """
        before = len(self.ledger.answers)
        answer = self.ledger.apply(event)
        if answer is not None:
            came = len(self.ledger.answers) > before
            question = self.ledger.questions[answer.question]
            self.records.change(question, answer, came)
            self._asker.changed(question, answer, came)

    def look(self, learner: Learner, version: int) -> Outlook:
        """Ask a version of the model about the texts: what ``propose`` goes by until the next version."""
        return look(self.pool, learner, version, self.plan.seed)

    def propose(self, annotator: str, now: float, outlook: Outlook | None = None) -> Question | None:
        """Return what to ask this annotator next; None when nothing is left.

        ``now`` is in seconds since 1970: leases run out. Without ``outlook`` no model is asked. What is out
        to the annotator already is not proposed again.
        """
        return self._asker.propose(annotator, now, outlook)

    def check(self, answer: Answer) -> Answer:
        """Return the answer with its spans in order.

        Raises ``DataError`` for a question that was never asked, and for spans that are not whole tokens,
        that overlap, or whose label may not be given.
        """
        question = self.ledger.questions.get(answer.question)
        if question is None:
            raise DataError(f"answer {answer.id}: question {answer.question} was never asked")
        if answer.verdict not in ("accept", "reject", "ignore"):
            raise DataError(f"verdict: found {answer.verdict!r}, allowed are accept, reject, ignore")
        if answer.spans is None:
            return answer
        check_spans(question, answer.spans, question.labels)
        ordered = tuple(sorted((start, end, label) for start, end, label in answer.spans))
        return Answer(
            answer.id, answer.question, answer.verdict, answer.annotator, ordered, answer.seconds,
            answer.time, answer.flagged,
        )  # fmt: skip

    def due(self) -> bool:
        """Say whether enough has happened since the model learned for it to learn again."""
        if self.plan.mode in ("manual", "match", "review", "retype"):
            return False
        return self.ledger.fresh() >= self.plan.learn_every

    def learnable(self) -> list[Target]:
        """Return what the answers that stand say of each text, merged: the newest counts."""
        return merged_statements(self.ledger, self.plan.labels)

    def lesson(self) -> Lesson:
        """Return what the next version is to learn from, as things stand now."""
        return Lesson(tuple(self.learnable()), self.records.reliabilities(), PRIOR, self.ledger.unlearned())

    def standing(self, annotator: str | None = None) -> Standing:
        """Return the counts, of one annotator or of all."""
        own = [
            (question, answer)
            for question, answer in self.ledger.standing()
            if annotator is None or answer.annotator == annotator
        ]
        verdicts = [answer.verdict for _, answer in own]
        complete = {
            question.text
            for question, answer in own
            if question.kind == "text" and answer.verdict == "accept"
        }
        return Standing(
            answers=len(own),
            accepted=verdicts.count("accept"),
            rejected=verdicts.count("reject"),
            ignored=verdicts.count("ignore"),
            complete_texts=len(complete),
            remaining=self._asker.remaining(),
            seconds=sum(answer.seconds or 0.0 for _, answer in own),
            versions=self.ledger.version,
            learned_from=self.ledger.learned_from(),
        )

"""``GoldAnnotator``: answers as the gold annotations say, in the time that it takes as a rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nerture.core.targets.target import Target
from nerture.core.text.doc import Span
from nerture.errors import DataError
from nerture.sessions.answers.question import Answer, Question, Verdict
from nerture.sessions.estimates.answer_speed import SPAN_SECONDS, text_seconds

Marks = frozenset[tuple[int, int, str]]
"""Characters ``[start_char, end_char)`` and label of each entity of a text."""


class GoldAnnotator:
    """Knows every entity of the texts of ``targets`` and of their passages, and makes no mistakes.

    A span question takes 2.5 s, in ``retype`` as well. A text question takes 1.5 s, 0.17 s a word, and 3 s
    for each span that is added, removed or changed: a span with other bounds or another label than one that
    it overlaps is one change. A surface whose places among the ``entities`` (those that are retyped) have
    several labels by gold depends on context: the first answer about it is flagged.
    """

    name = "gold"

    def __init__(self, targets: Iterable[Target], entities: Iterable[Span] = ()) -> None:
        self.targets = tuple(targets)
        self._marks: dict[str, Marks] = {}
        for target in self.targets:
            marks = ((span.start_char, span.end_char, span.label) for span in target.spans)
            self._marks[target.doc.text] = frozenset(marks)
        kinds: dict[str, set[str | None]] = {}
        for span in entities:
            kind = self._label(span.doc.text, span.start_char, span.end_char)
            kinds.setdefault(_surface(span.text), set()).add(kind)
        self._unclear = {surface for surface, found in kinds.items() if len(found) > 1}

    def answer(self, question: Question, number: int, now: float) -> Answer:
        """Answer a question; raises ``DataError`` for a text that is not among the gold ones."""
        if question.mode == "retype":
            return self._retyped(question, number, now)
        right = {mark for mark in self.marks(question.text, question.fields) if mark[2] in question.labels}
        offered = [(span.start_char, span.end_char, span.label) for span in question.spans]
        name = f"{self.name}-{number}"
        if question.kind == "span":
            verdict: Verdict = "accept" if set(offered) <= right else "reject"
            done = now + SPAN_SECONDS
            return Answer(name, question.id, verdict, self.name, None, SPAN_SECONDS, done)
        seconds = text_seconds(len(question.tokens), edits(offered, right))
        return Answer(name, question.id, "accept", self.name, tuple(sorted(right)), seconds, now + seconds)

    def _retyped(self, question: Question, number: int, now: float) -> Answer:
        span = question.spans[0]
        start, end = span.start_char, span.end_char
        label = self._label(question.text, start, end)
        surface = _surface(question.text[start:end])
        flagged = surface in self._unclear
        self._unclear.discard(surface)  # from now on it is asked about place by place
        verdict: Verdict = "reject" if label not in question.labels else "accept"
        spans = ((start, end, label),) if label is not None and verdict == "accept" else None
        name, done = f"{self.name}-{number}", now + SPAN_SECONDS
        return Answer(name, question.id, verdict, self.name, spans, SPAN_SECONDS, done, flagged)

    def _label(self, text: str, start: int, end: int) -> str | None:
        return next((label for first, last, label in self._of(text) if (first, last) == (start, end)), None)

    def marks(self, text: str, fields: Mapping[str, object]) -> Marks:
        """Return the entities of a text, or of the passage of a text that ``fields`` says it is."""
        passage = fields.get("passage")
        if not isinstance(passage, Mapping):
            return self._of(text)
        start, end = passage["start"], passage["end"]
        return frozenset(
            (first - start, last - start, label)
            for first, last, label in self._of(passage["text"])
            if start <= first and last <= end
        )

    def _of(self, text: str) -> Marks:
        if text not in self._marks:
            raise DataError(f"the gold annotations have no text {text[:60]!r}")
        return self._marks[text]


def _surface(text: str) -> str:
    return " ".join(text.lower().split())


def edits(offered: Iterable[tuple[int, int, str]], right: Iterable[tuple[int, int, str]]) -> int:
    """Return how many spans are added, removed or changed to get from what is offered to what is right."""
    wrong = sorted(set(offered) - set(right))
    missing = sorted(set(right) - set(offered))
    count = len(wrong)
    for start, end, _ in missing:
        met = next((span for span in wrong if span[0] < end and start < span[1]), None)
        if met is None:
            count += 1
        else:
            wrong.remove(met)  # the wrong one becomes this one: one change, already counted
    return count

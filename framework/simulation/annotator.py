"""``GoldAnnotator``: answers from gold annotations, in the time that an average annotator takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nerture.core.targets.target import Target
from nerture.core.text.doc import Span
from nerture.core.text.lexical import normalize_surface
from nerture.errors import DataError
from nerture.sessions.answers.question import Answer, Question, Verdict
from nerture.sessions.estimates.answer_speed import SPAN_SECONDS, text_seconds

Marks = frozenset[tuple[int, int, str]]
"""Characters ``[start_char, end_char)`` and label of each entity of a text."""


class GoldAnnotator:
    """Knows all entities of the texts of ``targets`` and of their passages, and makes no mistakes.

    A span question takes 2.5 s, in ``retype`` as well. A text question takes 1.5 s, 0.17 s per word, and 3 s
    for each span that is added, removed or changed; changing the bounds or the label of a span is one
    change. A surface depends on context if its places among the ``entities`` (those to be retyped) have
    different gold labels: the first answer about it is flagged.
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
            kind = self._find_label(span.doc.text, span.start_char, span.end_char)
            kinds.setdefault(normalize_surface(span.text), set()).add(kind)
        self._ambiguous = {surface for surface, labels in kinds.items() if len(labels) > 1}

    def answer(self, question: Question, number: int, now: float) -> Answer:
        """Answer a question; raise ``DataError`` for a text without gold annotations."""
        if question.mode == "retype":
            return self._answer_retype(question, number, now)
        right = {mark for mark in self.marks(question.text, question.fields) if mark[2] in question.labels}
        suggested = [(span.start_char, span.end_char, span.label) for span in question.spans]
        name = f"{self.name}-{number}"
        if question.kind == "span":
            verdict: Verdict = "accept" if set(suggested) <= right else "reject"
            end_time = now + SPAN_SECONDS
            return Answer(name, question.id, verdict, self.name, None, SPAN_SECONDS, end_time)
        seconds = text_seconds(len(question.tokens), count_edits(suggested, right))
        return Answer(name, question.id, "accept", self.name, tuple(sorted(right)), seconds, now + seconds)

    def _answer_retype(self, question: Question, number: int, now: float) -> Answer:
        span = question.spans[0]
        start, end = span.start_char, span.end_char
        label = self._find_label(question.text, start, end)
        surface = normalize_surface(question.text[start:end])
        flagged = surface in self._ambiguous
        self._ambiguous.discard(surface)  # from now on it is asked about place by place
        verdict: Verdict = "reject" if label not in question.labels else "accept"
        spans = ((start, end, label),) if label is not None and verdict == "accept" else None
        name, end_time = f"{self.name}-{number}", now + SPAN_SECONDS
        return Answer(name, question.id, verdict, self.name, spans, SPAN_SECONDS, end_time, flagged)

    def _find_label(self, text: str, start: int, end: int) -> str | None:
        return next(
            (label for first, last, label in self._find_marks(text) if (first, last) == (start, end)), None
        )

    def marks(self, text: str, fields: Mapping[str, object]) -> Marks:
        """Return the entities of a text, or of a passage described by ``fields["passage"]``."""
        passage = fields.get("passage")
        if not isinstance(passage, Mapping):
            return self._find_marks(text)
        start, end = passage["start"], passage["end"]
        return frozenset(
            (first - start, last - start, label)
            for first, last, label in self._find_marks(passage["text"])
            if start <= first and last <= end
        )

    def _find_marks(self, text: str) -> Marks:
        if text not in self._marks:
            raise DataError(
                f"gold annotations: expected all texts that are asked about, got none for {text[:60]!r}"
            )
        return self._marks[text]


def count_edits(suggested: Iterable[tuple[int, int, str]], right: Iterable[tuple[int, int, str]]) -> int:
    """Return how many spans must be added, removed or changed to turn ``suggested`` into ``right``."""
    wrong = sorted(set(suggested) - set(right))
    missing = sorted(set(right) - set(suggested))
    count = len(wrong)
    for start, end, _ in missing:
        overlapping = next((span for span in wrong if span[0] < end and start < span[1]), None)
        if overlapping is None:
            count += 1
        else:
            wrong.remove(overlapping)  # it is changed into this span, and counted already
    return count

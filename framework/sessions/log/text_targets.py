"""``TextTargets``: what the current answers say about each text, merged and cached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nerture.core.targets.merging import merge
from nerture.core.targets.target import Target
from nerture.sessions.answers.answer_targets import answer_to_target
from nerture.sessions.log.answer_index import AnswerIndex
from nerture.sessions.pool.text import Text


class TextTargets:
    """The targets of answered texts, cached until ``invalidate``.

    ``prior_targets`` is what was known about each text before the session, oldest first, on its own tokens.
    """

    def __init__(
        self, answer_index: AnswerIndex, labels: Sequence[str], prior_targets: Mapping[str, list[Target]]
    ) -> None:
        self.answer_index, self.labels = answer_index, tuple(labels)
        self.prior_targets = prior_targets
        self._targets: dict[str, Target | None] = {}

    def invalidate(self, text: str) -> None:
        """Drop the cached target of a text whose answers changed."""
        self._targets.pop(text, None)

    def find(self, text: Text) -> Target | None:
        """Return what is known about a text, on its own Doc; None if nothing."""
        name = text.text
        if name not in self._targets:
            doc = text.doc
            targets = [
                *self.prior_targets.get(name, ()),
                *(
                    target
                    for question, answer in self.answer_index.text_answers(name)
                    if (target := answer_to_target(question, answer, doc)) is not None
                ),
            ]
            self._targets[name] = merge(targets, self.labels).target if targets else None
        return self._targets[name]

    def find_prior(self, text: Text) -> Target | None:
        """Return what was known about a text before the session; None if nothing."""
        targets = self.prior_targets.get(text.text)
        return merge(targets, self.labels).target if targets else None

    def is_finished(self, text: str) -> bool:
        """Return whether a text question about the text was answered, or prior targets complete it."""
        if any(all(map(target.is_complete_for, self.labels)) for target in self.prior_targets.get(text, ())):
            return True
        return any(question.kind == "text" for question, _ in self.answer_index.text_answers(text))

    def is_settled(self, text: Text, start: int, end: int, label: str) -> bool:
        """Return whether a span has been answered or skipped."""
        offsets = text.doc.offsets
        key = int(offsets[start, 0]), int(offsets[end - 1, 1]), label
        for question, answer in self.answer_index.text_answers(text.text):
            if any((span.start_char, span.end_char, span.label) == key for span in question.spans):
                return True
            if question.kind == "span" and answer.verdict == "accept":
                spans = answer.spans or [(s.start_char, s.end_char, s.label) for s in question.spans]
                if any(key[0] < end_char and start_char < key[1] for start_char, end_char, _ in spans):
                    return True
        return False

"""``TextTargets``: what the answers that stand say of each text, merged, and kept until they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nerture.core.targets.merging import merge
from nerture.core.targets.target import Target
from nerture.sessions.answers.answer_targets import statement
from nerture.sessions.log.answer_index import AnswerIndex
from nerture.sessions.pool.text import Text


class TextTargets:
    """The targets of answered texts; ``changed`` forgets what is no longer true.

    ``told`` is what was known of each text before the session began, oldest first, on the text's own tokens.
    """

    def __init__(
        self, answer_index: AnswerIndex, labels: Sequence[str], told: Mapping[str, list[Target]]
    ) -> None:
        self.answer_index, self.labels = answer_index, tuple(labels)
        self.told = told
        self._targets: dict[str, Target | None] = {}

    def changed(self, text: str) -> None:
        """Take note that an answer about a text came or went."""
        self._targets.pop(text, None)

    def of(self, text: Text) -> Target | None:
        """Return what answers say of a text, on its own Doc; None: nothing."""
        name = text.text
        if name not in self._targets:
            doc = text.doc
            said = [
                *self.told.get(name, ()),
                *(
                    target
                    for question, answer in self.answer_index.text_answers(name)
                    if (target := statement(question, answer, doc)) is not None
                ),
            ]
            self._targets[name] = merge(said, self.labels).target if said else None
        return self._targets[name]

    def before(self, text: Text) -> Target | None:
        """Return what was told of a text before the session; None: nothing."""
        said = self.told.get(text.text)
        return merge(said, self.labels).target if said else None

    def finished(self, text: str) -> bool:
        """Say whether a text was answered about as a whole, or is complete by what was told before."""
        if any(all(map(target.complete_for, self.labels)) for target in self.told.get(text, ())):
            return True
        return any(question.kind == "text" for question, _ in self.answer_index.text_answers(text))

    def settled(self, text: Text, start: int, end: int, label: str) -> bool:
        """Say whether answers tell of a span, or whether it was passed over."""
        offsets = text.doc.offsets
        key = int(offsets[start, 0]), int(offsets[end - 1, 1]), label
        for question, answer in self.answer_index.text_answers(text.text):
            if any((span.start_char, span.end_char, span.label) == key for span in question.spans):
                return True
            if question.kind == "span" and answer.verdict == "accept":
                said = answer.spans or [(s.start_char, s.end_char, s.label) for s in question.spans]
                if any(key[0] < other[1] and other[0] < key[1] for other in said):
                    return True
        return False

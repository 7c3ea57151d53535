"""What is asked of an annotator, and what is answered: the words that store, session and faces share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from nerture.core.content_hash import content_hash
from nerture.interfaces import Kind, Reason, Verdict

__all__ = ["Answer", "Kind", "Question", "Reason", "SuggestedSpan", "Verdict", "content_hash"]


@dataclass(frozen=True, slots=True)
class SuggestedSpan:
    """A span as it is shown: characters ``[start_char, end_char)``, and where it comes from.

    ``probability`` is that of its being right, as the model and the answers so far tell (None: no model was
    asked); ``pattern`` the id of the pattern that found it (None: the model alone). ``score`` is what the
    model said by itself: by that, answers tell how true it speaks (None: it knew answers about the text).
    """

    start_char: int
    end_char: int
    label: str
    probability: float | None = None
    pattern: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question. A ``span`` question offers one candidate, a ``text`` question a whole analysis.

    ``tokens`` are the character offsets that spans snap to. ``reason`` says why it is asked: a pattern's hit,
    the model, a random probe, something else in a text that was asked about before, the input itself
    (``source``), or a disagreement (``review``). ``probability`` is the model's for what is offered;
    ``sampling`` the probability with which this question was drawn from all that could have been, where it
    was drawn by chance. ``record`` counts how often hits of its pattern were accepted and rejected.
    ``version`` is the version of the model that asked. ``meta`` is shown to the annotator as it stands;
    ``fields`` is the input row, so that nothing of it is lost.
    """

    text: str
    tokens: tuple[tuple[int, int], ...]
    kind: Kind
    spans: tuple[SuggestedSpan, ...]
    labels: tuple[str, ...]
    mode: str
    reason: Reason
    probability: float | None = None
    sampling: float | None = None
    record: tuple[int, int] | None = None
    version: int = 0
    meta: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    id: str = field(init=False, compare=False)
    """The identity of what is asked: the same question twice has the same id, whoever asks and why."""

    def __post_init__(self) -> None:
        offered = [[span.start_char, span.end_char, span.label] for span in self.spans]
        id = content_hash([self.text, self.kind, sorted(offered), sorted(self.labels)])
        object.__setattr__(self, "id", id)

    @property
    def input(self) -> str:
        """The identity of the text: the same text is the same input."""
        return content_hash(self.text)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question.

    ``id`` is made by whoever sends it: sent twice, it is saved once. ``spans`` are the mended spans of a text
    question, ``(start_char, end_char, label)`` each; None: as offered. ``seconds`` is how long the question
    was looked at; ``time`` when the answer was given, in seconds since 1970.
    """

    id: str
    question: str
    verdict: Verdict
    annotator: str
    spans: tuple[tuple[int, int, str], ...] | None = None
    seconds: float | None = None
    time: float = 0.0
    flagged: bool = False

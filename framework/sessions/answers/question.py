"""Questions to annotators and their answers, shared by the store, sessions and front ends."""

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

    ``probability`` is the calibrated probability that it is right (None if no model was asked); ``pattern``
    the id of the pattern that found it (None if only the model did). ``score`` is the model's own probability
    before calibration, to which the calibration is fitted (None if the prediction used answers about the
    text).
    """

    start_char: int
    end_char: int
    label: str
    probability: float | None = None
    pattern: str | None = None
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question. A ``span`` question suggests one span, a ``text`` question a whole analysis.

    ``tokens`` are the character offsets that spans snap to. ``reason`` says why it is asked: a pattern's hit,
    the model, a random probe, a follow-up about a text that was asked about before, the input itself
    (``source``), or a disagreement (``review``). ``probability`` is the model's for what is suggested;
    ``sampling`` the probability with which a randomly drawn question was selected. ``record`` counts how
    often hits of its pattern were accepted and rejected. ``version`` is the model version that asked.
    ``meta`` is shown to the annotator unchanged; ``fields`` is the input row, kept so that none is lost.
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
    """Content hash of what is asked; it does not depend on the annotator or the reason."""

    def __post_init__(self) -> None:
        spans = sorted([span.start_char, span.end_char, span.label] for span in self.spans)
        id = content_hash([self.text, self.kind, spans, sorted(self.labels)])
        object.__setattr__(self, "id", id)

    @property
    def input(self) -> str:
        """Content hash of the text."""
        return content_hash(self.text)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question.

    ``id`` is chosen by the sender; an answer that is sent twice is saved once. ``spans`` are the edited
    spans, ``(start_char, end_char, label)`` each; None if they are as suggested. ``seconds`` is how long the
    question was displayed; ``time`` when the answer was given, in seconds since 1970.
    """

    id: str
    question: str
    verdict: Verdict
    annotator: str
    spans: tuple[tuple[int, int, str], ...] | None = None
    seconds: float | None = None
    time: float = 0.0
    flagged: bool = False

"""The losses ``distill`` and ``rehearse``: predict a teacher's probabilities for its labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nerture import hookimpl
from nerture.errors import DataError
from nerture.interfaces import (
    FloatArray,
    Loss,
    Options,
    Register,
    Scores,
    Services,
    SpanProbabilities,
    Target,
    cross_entropy,
    teacher_shares,
)

if TYPE_CHECKING:
    import numpy.typing as npt


class Distillation:
    """Cross-entropy of the learner's distribution over derivations with that of each target's teacher.

    It is the sum over all states of (how often the teacher visits the state) times (cross-entropy of the
    learner's distribution over the state's actions with the teacher's), both computed exactly. If the teacher
    has fewer labels than the learner, the learner's actions are normalized over those of the teacher's
    labels, so that the other labels are not affected. Only the teacher of a target is used; targets without a
    teacher have no loss. Hinton et al. 2015, over structures.
    """

    def __call__(self, scores: Scores, targets: Sequence[Target]) -> tuple[float, FloatArray, FloatArray]:
        """Return the loss and its gradients.

        Raises ``DataError`` for a teacher whose spans do not fit the text, or whose labels are not the
        learner's.
        """
        d_closed, d_open = np.zeros_like(scores.closed), np.zeros_like(scores.open)
        longest = scores.open.shape[1] + 1
        total = 0.0
        for text, target in enumerate(targets):
            if target.teacher is None:
                continue
            begin, end = scores.bounds[text], scores.bounds[text + 1]
            spans, probabilities, known = _by_learner_labels(target.teacher, target, scores.labels)
            shares = teacher_shares(spans, probabilities, len(target.doc), longest, len(scores.labels))
            total += cross_entropy(
                scores.closed[begin:end], scores.open[begin:end], *shares, known, target.weight,
                d_closed[begin:end], d_open[begin:end],
            )  # fmt: skip
        return total, d_closed, d_open


def _by_learner_labels(
    teacher: SpanProbabilities, target: Target, labels: Sequence[str]
) -> tuple[npt.NDArray[np.int32], FloatArray, npt.NDArray[np.uint8]]:
    """Return the teacher's spans with the learner's labels, their probabilities, and the known labels."""
    unknown = [label for label in teacher.labels if label not in labels]
    if unknown:
        raise DataError(
            f"teacher: expected labels of {', '.join(labels)}, got {unknown[0]!r}",
            target.origin,
        )
    spans = np.asarray(teacher.spans, np.int32).reshape(-1, 3)
    probabilities = np.ascontiguousarray(teacher.probabilities, np.float32)
    inside = (spans[:, 0] >= 0) & (spans[:, 0] < spans[:, 1]) & (spans[:, 1] <= len(target.doc))
    if not (inside & (spans[:, 2] >= 0) & (spans[:, 2] < len(teacher.labels))).all():
        raise DataError(
            f"teacher: expected spans within the {len(target.doc)} tokens of the text", target.origin
        )
    if len(probabilities) != len(spans) or not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise DataError("teacher: expected one probability from 0 to 1 for each span", target.origin)
    known = np.zeros(len(labels), dtype=np.uint8)
    numbers = np.array([labels.index(label) for label in teacher.labels], dtype=np.int32)
    known[numbers] = 1
    return np.column_stack([spans[:, :2], numbers[spans[:, 2]]]), probabilities, known


def make_distillation(options: Options, services: Services) -> Loss:
    """Make the loss ``distill`` or ``rehearse``, which are the same under two names."""
    return Distillation()


@hookimpl
def nerture_register_losses(register: Register) -> None:
    """Register both."""
    register("distill", make_distillation)
    register("rehearse", make_distillation)

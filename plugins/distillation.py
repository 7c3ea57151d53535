"""The losses ``distill`` and ``rehearse``: be as sure as a teacher is, of what the teacher speaks about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nerture.core.lattice.distillation import cross_entropy, teacher_shares
from nerture.core.targets.span_probabilities import SpanProbabilities
from nerture.errors import DataError
from nerture.hookspecs import hookimpl
from nerture.interfaces import FloatArray, Loss, Options, Register, Scores, Services, Target

if TYPE_CHECKING:
    import numpy.typing as npt


class Distillation:
    """Cross-entropy of the learner's distribution over derivations with that of each target's teacher.

    It is the sum over all states of (how often the teacher visits the state) times (cross-entropy of the
    learner's distribution over the state's actions with the teacher's), both computed exactly. Where the
    teacher speaks about fewer labels than the learner has, the learner's actions are normalised over those of
    the teacher's labels, so that the other labels are left alone. What a target says beside its teacher is
    not used; one without a teacher costs nothing. Hinton et al. 2015, over structures.
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
            spans, probabilities, known = _numbered(target.teacher, target, scores.labels)
            shares = teacher_shares(spans, probabilities, len(target.doc), longest, len(scores.labels))
            total += cross_entropy(
                scores.closed[begin:end], scores.open[begin:end], *shares, known, target.weight,
                d_closed[begin:end], d_open[begin:end],
            )  # fmt: skip
        return total, d_closed, d_open


def _numbered(
    teacher: SpanProbabilities, target: Target, labels: Sequence[str]
) -> tuple[npt.NDArray[np.int32], FloatArray, npt.NDArray[np.uint8]]:
    """Return the teacher's spans by the learner's labels, their probabilities, and which labels it knows."""
    unknown = [label for label in teacher.labels if label not in labels]
    if unknown:
        raise DataError(
            f"the teacher speaks about {unknown[0]!r}; the learner's labels are {', '.join(labels)}",
            target.origin,
        )
    spans = np.asarray(teacher.spans, np.int32).reshape(-1, 3)
    probabilities = np.ascontiguousarray(teacher.probabilities, np.float32)
    inside = (spans[:, 0] >= 0) & (spans[:, 0] < spans[:, 1]) & (spans[:, 1] <= len(target.doc))
    if not (inside & (spans[:, 2] >= 0) & (spans[:, 2] < len(teacher.labels))).all():
        raise DataError(f"the teacher's spans leave the {len(target.doc)} tokens of the text", target.origin)
    if len(probabilities) != len(spans) or not ((probabilities >= 0) & (probabilities <= 1)).all():
        raise DataError("the teacher's probabilities are not one of 0 to 1 for each span", target.origin)
    known = np.zeros(len(labels), dtype=np.uint8)
    numbers = np.array([labels.index(label) for label in teacher.labels], dtype=np.int32)
    known[numbers] = 1
    return np.column_stack([spans[:, :2], numbers[spans[:, 2]]]), probabilities, known


def make_distillation(options: Options, services: Services) -> Loss:
    """Make the loss ``distill``, or ``rehearse``, which is the same under the name of what it is for."""
    return Distillation()


@hookimpl
def nerture_register_losses(register: Register) -> None:
    """Register both."""
    register("distill", make_distillation)
    register("rehearse", make_distillation)

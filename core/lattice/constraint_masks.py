"""Targets as constraints on the lattice: the steps of the derivations that agree with a target."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.errors import DataError
from nerture.core.targets.consistency import alternatives, check_consistency
from nerture.core.targets.target import Target
from nerture.core.text.doc import Span

if TYPE_CHECKING:
    import numpy.typing as npt

ConstraintMasks: TypeAlias = "tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]"
"""Whether each step is allowed: outside tokens (N), and spans (N, K, L) as in ``forward_backward``."""


def make_constraint_masks(target: Target, labels: Sequence[str], longest: int) -> list[ConstraintMasks]:
    """Return the masks of all derivations that agree with the target.

    There are several if the target has ``not_together``, else one; they have no derivation in common, so
    their masses add up. The lattice cannot represent a known span of more than ``longest`` tokens, so nothing
    counts as known about the tokens that it covers.

    Raises ``ConflictError`` if no derivation agrees, and ``DataError`` for a label that is not among
    ``labels``.
    """
    check_consistency(target)
    return [_make_masks(variant, labels, longest) for variant in alternatives(target)]


def _make_masks(target: Target, labels: Sequence[str], longest: int) -> ConstraintMasks:
    length = len(target.doc)
    complete = np.array([target.is_complete_for(label) for label in labels])
    outside = np.ones(length, dtype=np.bool_)
    spans_allowed = np.empty((length, longest, len(labels)), dtype=np.bool_)
    spans_allowed[:] = ~complete
    for span in target.spans:
        if len(span) > longest:
            for start in range(max(0, span.start - longest + 1), span.end):
                spans_allowed[start, max(0, span.start - start) :] = True
    for token in target.outside:
        _forbid(spans_allowed, token, token + 1)
    for span in target.rejected:
        if len(span) <= longest:
            spans_allowed[span.start, len(span) - 1, _find_label(span, labels, target)] = False
    for span in target.spans:
        label = _find_label(span, labels, target)
        if len(span) <= longest:
            _forbid(spans_allowed, span.start, span.end)
            outside[span.start : span.end] = False
            spans_allowed[span.start, len(span) - 1, label] = True
    return outside, spans_allowed


def _forbid(spans_allowed: npt.NDArray[np.bool_], begin: int, end: int) -> None:
    """Forbid every span that overlaps the tokens ``[begin, end)``."""
    longest = spans_allowed.shape[1]
    spans_allowed[begin:end] = False
    for start in range(max(0, begin - longest + 1), begin):
        spans_allowed[start, begin - start :] = False


def _find_label(span: Span, labels: Sequence[str], target: Target) -> int:
    if span.label not in labels:
        raise DataError(f"{span}: expected one of the learner's labels, {', '.join(labels)}", target.origin)
    return list(labels).index(span.label)

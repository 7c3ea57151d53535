"""Targets as constraints on the lattice: which steps a derivation that agrees with a target may take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from nerture.core.errors import DataError
from nerture.core.targets.consistency import alternatives, check
from nerture.core.targets.target import Target
from nerture.core.text.doc import Span

if TYPE_CHECKING:
    import numpy.typing as npt

Allowed: TypeAlias = "tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]"
"""Which steps may be taken: outside tokens (N), and segments (N, K, L) as in ``forward_backward``."""


def agreeing(target: Target, labels: Sequence[str], longest: int) -> list[Allowed]:
    """Return the allowed steps of all derivations that agree with the target.

    These are several sets that have no derivation in common, one unless the target has ``not_together``;
    their masses add up. A known span of more than ``longest`` tokens is out of the lattice's reach: about the
    tokens that it covers nothing is then known.

    Raises ``ConflictError`` when no derivation agrees, and ``DataError`` for a label that is not among
    ``labels``.
    """
    check(target)
    return [_allowed(variant, labels, longest) for variant in alternatives(target)]


def _allowed(target: Target, labels: Sequence[str], longest: int) -> Allowed:
    length = len(target.doc)
    complete = np.array([target.complete_for(label) for label in labels])
    outside = np.ones(length, dtype=np.bool_)
    segments = np.empty((length, longest, len(labels)), dtype=np.bool_)
    segments[:] = ~complete
    for span in target.spans:
        if len(span) > longest:
            for start in range(max(0, span.start - longest + 1), span.end):
                segments[start, max(0, span.start - start) :] = True
    for token in target.outside:
        _forbid(segments, token, token + 1)
    for span in target.rejected:
        if len(span) <= longest:
            segments[span.start, len(span) - 1, _number(span, labels, target)] = False
    for span in target.spans:
        label = _number(span, labels, target)
        if len(span) <= longest:
            _forbid(segments, span.start, span.end)
            outside[span.start : span.end] = False
            segments[span.start, len(span) - 1, label] = True
    return outside, segments


def _forbid(segments: npt.NDArray[np.bool_], begin: int, end: int) -> None:
    """Forbid every segment that overlaps the tokens ``[begin, end)``."""
    longest = segments.shape[1]
    segments[begin:end] = False
    for start in range(max(0, begin - longest + 1), begin):
        segments[start, begin - start :] = False


def _number(span: Span, labels: Sequence[str], target: Target) -> int:
    if span.label not in labels:
        raise DataError(f"{span}: the label is not one of the learner's: {', '.join(labels)}", target.origin)
    return list(labels).index(span.label)

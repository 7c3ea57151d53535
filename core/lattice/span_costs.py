"""Targets as costs of all possible spans of a text, for the dynamic oracle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nerture.core.errors import DataError
from nerture.core.lattice.dynamic_oracle import span_costs
from nerture.core.targets.consistency import check_consistency
from nerture.core.targets.target import Target

if TYPE_CHECKING:
    import numpy.typing as npt


def target_costs(target: Target, labels: Sequence[str], longest: int) -> npt.NDArray[np.int8]:
    """Return the cost of every span of the target's text, int8 (n, longest, L).

    It is -1 for a known span, 1 for one known to be wrong, 0 for an unknown one. A known span of more than
    ``longest`` tokens cannot be learned, so nothing counts as known about the tokens that it covers. Raises
    ``ConflictError`` for a target that contradicts itself, and ``DataError`` for a span whose label is not
    among ``labels`` and for a target that costs cannot express: one with ``not_together``, or only soft.
    """
    check_consistency(target)
    if target.not_together or ((target.beliefs or target.teacher) and not target.rules_out):
        content = "spans that are not all there at once" if target.not_together else "probabilities"
        raise DataError(
            f"costs of spans cannot express {content}; use another loss (lattice, distill)", target.origin
        )
    number = {label: index for index, label in enumerate(labels)}
    rows: list[list[tuple[int, int, int]]] = []
    for spans in (target.spans, target.rejected):
        for span in spans:
            if span.label not in number:
                raise DataError(
                    f"{span}: expected one of the learner's labels, {', '.join(labels)}", target.origin
                )
        rows.append([(span.start, span.end, number[span.label]) for span in spans])
    complete = [target.is_complete_for(label) for label in labels]
    costs = span_costs(len(target.doc), longest, complete, rows[0], rows[1], target.outside)
    for span in target.spans:
        if len(span) > longest:
            for start in range(max(0, span.start - longest + 1), span.end):
                costs[start, max(0, span.start - start) :] = 0
    return costs

"""``Calibration``: how scores are changed before probabilities are reported, so that these are calibrated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Calibration:
    """Divides all scores by ``temperature``, then adds each label's offset to the actions that begin it.

    This is vector scaling (Guo et al. 2017) with a single scale, and with offsets for the actions B and U
    alone: the odds that an entity of a label begins are multiplied by exp(offset). ``offsets`` are by label,
    0 for labels that are missing. Since scores are changed, not probabilities, the probabilities of all
    derivations still sum to 1.
    """

    temperature: float = 1.0
    offsets: Mapping[str, float] = field(default_factory=dict)

    def apply_offsets(self, closed: npt.NDArray[Any], labels: Sequence[str]) -> npt.NDArray[Any]:
        """Return the scores where nothing is open, (N, 2L+1), plus the offsets times the temperature."""
        if not any(self.offsets.values()):
            return closed
        own = [self.offsets.get(label, 0.0) for label in labels]
        added: npt.NDArray[Any] = (self.temperature * np.array([0.0, *own, *own])).astype(closed.dtype)
        shifted: npt.NDArray[Any] = closed + added
        return shifted

    def relative_to(self, other: Calibration) -> Calibration:
        """Return the calibration that turns scores calibrated by ``other`` into those calibrated by this."""
        ratio = self.temperature / other.temperature
        labels = {**other.offsets, **self.offsets}
        return Calibration(
            ratio,
            {label: self.offsets.get(label, 0.0) - other.offsets.get(label, 0.0) / ratio for label in labels},
        )

    def restrict_to(self, labels: Sequence[str]) -> Calibration:
        """Return this calibration without the offsets of other labels."""
        return Calibration(
            self.temperature, {label: offset for label, offset in self.offsets.items() if label in labels}
        )


UNCHANGED = Calibration()
"""Leaves scores unchanged."""

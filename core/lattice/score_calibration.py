"""``Calibration``: what is done to scores where probabilities are reported, so that these come true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Calibration:
    """All scores are divided by ``temperature``; then each label's offset is added where it may begin.

    It is vector scaling (Guo et al. 2017) with one scale, and with offsets for the actions B and U alone: a
    label's odds of beginning an entity are multiplied by exp(offset). ``offsets`` are by label, 0 for those
    that are not named. As scores are changed, and not probabilities, those of all derivations still sum to 1.
    """

    temperature: float = 1.0
    offsets: Mapping[str, float] = field(default_factory=dict)

    def shifted(self, closed: npt.NDArray[Any], labels: Sequence[str]) -> npt.NDArray[Any]:
        """Return the scores where nothing is open, (N, 2L+1), such that they only need to be divided."""
        if not any(self.offsets.values()):
            return closed
        own = [self.offsets.get(label, 0.0) for label in labels]
        added: npt.NDArray[Any] = (self.temperature * np.array([0.0, *own, *own])).astype(closed.dtype)
        shifted: npt.NDArray[Any] = closed + added
        return shifted

    def after(self, other: Calibration) -> Calibration:
        """Return what turns scores that are calibrated by ``other`` into those calibrated by this one."""
        ratio = self.temperature / other.temperature
        named = {**other.offsets, **self.offsets}
        return Calibration(
            ratio,
            {label: self.offsets.get(label, 0.0) - other.offsets.get(label, 0.0) / ratio for label in named},
        )

    def of(self, labels: Sequence[str]) -> Calibration:
        """Return it without the offsets of labels other than these."""
        return Calibration(
            self.temperature, {label: offset for label, offset in self.offsets.items() if label in labels}
        )


UNCHANGED = Calibration()
"""The scores as they are."""

"""``SessionPlan``: the settings that are fixed for a session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, get_args

from nerture.errors import SettingError
from nerture.interfaces import Ask, Mode

__all__ = ["ASKS", "MODES", "Ask", "Mode", "SessionPlan"]

MODES: tuple[Mode, ...] = get_args(Mode)
ASKS: tuple[Ask, ...] = get_args(Ask)


STORED_NAMES: Mapping[str, str] = MappingProxyType(
    {"annotators_per_question": "overlap", "update_every": "learn_every"}
)
"""Fields with another name in stores, in which sessions are found by their plan."""


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """How a session asks.

    ``labels`` are the allowed labels, in order. ``ask`` restricts ``teach`` to one kind of question.
    ``seed`` seeds every random draw. Each question goes to ``annotators_per_question`` annotators. In
    ``teach``, ``probe_share`` of the questions are drawn at random, at least ``pattern_share`` come from
    patterns while there are hits, and a surface is asked about at most ``surface_cap`` times between two
    versions of the model. The model is updated after ``update_every`` answers. ``blank`` is whether the
    session starts without a model. ``subtypes`` are the labels that ``retype`` splits a label into.
    """

    mode: Mode
    labels: tuple[str, ...]
    ask: Ask = "both"
    seed: int = 0
    annotators_per_question: int = 1
    probe_share: float = 0.15
    pattern_share: float = 0.05
    surface_cap: int = 2
    update_every: int = 1
    blank: bool = True
    subtypes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise SettingError(f"mode: expected one of {', '.join(MODES)}, got {self.mode!r}")
        if self.ask not in ASKS:
            raise SettingError(f"ask: expected one of {', '.join(ASKS)}, got {self.ask!r}")
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise SettingError(f"labels: expected one or more different names, got {list(self.labels)!r}")
        for name in ("annotators_per_question", "surface_cap", "update_every"):
            if getattr(self, name) < 1:
                raise SettingError(f"{name}: expected 1 or more, got {getattr(self, name)}")
        for name in ("probe_share", "pattern_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingError(f"{name}: expected 0 to 1, got {getattr(self, name)}")
        if self.mode == "retype" and not self.subtypes:
            raise SettingError("subtypes: expected the labels to choose from in retype, got none")

    def as_stored(self) -> dict[str, Any]:
        """Return the plan as plain data, which identifies the session in a store."""
        return {STORED_NAMES.get(name, name): value for name, value in asdict(self).items()}

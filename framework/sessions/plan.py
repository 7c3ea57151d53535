"""``SessionPlan``: what of a session does not change while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from nerture.errors import SettingError

Mode: TypeAlias = Literal["teach", "correct", "manual", "match", "retype", "gold", "review"]
Ask: TypeAlias = Literal["both", "span", "text"]

MODES: tuple[Mode, ...] = get_args(Mode)
ASKS: tuple[Ask, ...] = get_args(Ask)


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """How a session asks.

    ``labels`` are those that may be given, in order. ``ask`` restricts ``teach`` to one kind of question.
    ``seed`` decides every draw. ``overlap`` is how many annotators answer each question. In ``teach``,
    ``probe_share`` of the questions are drawn by chance, ``pattern_share`` at least come from patterns while
    there are hits, and one surface is asked about ``surface_cap`` times at most between two versions of the
    model. ``learn_every`` is how many answers make a new version worth while. ``blank``: the session starts
    without a model. ``subtypes`` are the labels that ``retype`` splits a label into.
    """

    mode: Mode
    labels: tuple[str, ...]
    ask: Ask = "both"
    seed: int = 0
    overlap: int = 1
    probe_share: float = 0.15
    pattern_share: float = 0.05
    surface_cap: int = 2
    learn_every: int = 1
    blank: bool = True
    subtypes: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.mode not in MODES:
            raise SettingError(f"mode: found {self.mode!r}, allowed are {', '.join(MODES)}")
        if self.ask not in ASKS:
            raise SettingError(f"ask: found {self.ask!r}, allowed are {', '.join(ASKS)}")
        if not self.labels or len(set(self.labels)) != len(self.labels):
            raise SettingError(
                f"labels: found {list(self.labels)!r}, allowed are one or more different names"
            )
        for name in ("overlap", "surface_cap", "learn_every"):
            if getattr(self, name) < 1:
                raise SettingError(f"{name}: found {getattr(self, name)}, allowed is 1 or more")
        for name in ("probe_share", "pattern_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingError(f"{name}: found {getattr(self, name)}, allowed is 0 to 1")
        if self.mode == "retype" and not self.subtypes:
            raise SettingError("subtypes: found none; retype needs the labels to choose from")

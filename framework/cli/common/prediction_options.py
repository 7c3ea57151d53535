"""The options ``--threshold``, ``--require`` and ``--forbid``, and what they say to a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nerture.core.suggest_name import nearest

if TYPE_CHECKING:
    from nerture.hosting.manager import PluginManager
    from nerture.interfaces import Matcher
    from nerture.models.model import Model
    from nerture.models.rules import Constraints

ALL = ""  # stands for every label that has no threshold of its own
THRESHOLD, REQUIRE, FORBID = "--threshold", "--require", "--forbid"


def _thresholds(
    context: click.Context, parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, float]:
    """Return the numbers by label, ``ALL`` for one without; raises ``click.UsageError``."""
    found: dict[str, float] = {}
    for text in given:
        label, equals, number = text.rpartition("=")
        value = _number(number)
        if value is None or (equals and not label):
            raise click.UsageError(
                f"{THRESHOLD}: expected a number from 0 to 1, or LABEL=NUMBER, got {text!r}"
            )
        if label in found:
            raise click.UsageError(f"{THRESHOLD}: found {text!r}, but that threshold was given before")
        found[label] = value
    return found


def _number(text: str) -> float | None:
    """Return a number from 0 to 1; None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def confidence_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of ``PredictionOptions``."""
    for option in reversed(
        (
            click.option(
                THRESHOLD,
                "thresholds",
                multiple=True,
                callback=_thresholds,
                metavar="[LABEL=]NUMBER",
                help="How probable an entity must be, from 0 to 1: of every label, or of LABEL [default: "
                "the model's own, mostly 0.5]. Repeatable.",
            ),
            click.option(
                REQUIRE,
                "require",
                multiple=True,
                metavar="PATTERNS",
                help="What this pattern file finds is an entity, whatever the model thinks. Repeatable.",
            ),
            click.option(
                FORBID,
                "forbid",
                multiple=True,
                metavar="PATTERNS",
                help="What this pattern file describes is no entity of the pattern's label. Repeatable.",
            ),
        )
    ):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class PredictionOptions:
    """What the three options said."""

    thresholds: Mapping[str, float]
    require: tuple[str, ...]
    forbid: tuple[str, ...]

    def refuse(self, reason: str) -> None:
        """Raise ``click.UsageError`` if one of the options was given."""
        given = {THRESHOLD: self.thresholds, REQUIRE: self.require, FORBID: self.forbid}
        for option, found in given.items():
            if found:
                raise click.UsageError(f"{option}: {reason}")

    def limits(self, labels: Sequence[str]) -> dict[str, float] | None:
        """Return the thresholds of the labels that have one; None if none was given.

        Raises ``click.UsageError`` for a label that is not among ``labels``.
        """
        for label in self.thresholds:
            if label not in (ALL, *labels):
                near = nearest(label, labels)
                hint = f"; did you mean {near}?" if near else ""
                raise click.UsageError(
                    f"{THRESHOLD}: expected {', '.join(labels)}, got the label {label!r}{hint}"
                )
        if not self.thresholds:
            return None
        of_all = dict.fromkeys(labels, self.thresholds[ALL]) if ALL in self.thresholds else {}
        return of_all | {label: limit for label, limit in self.thresholds.items() if label != ALL}

    def rules(self, model: Model, manager: PluginManager) -> Constraints:
        """Return the model's own constraints with those of the pattern files.

        The files of one option are read as one: of overlapping hits the longest is forced, and every stretch
        that a pattern describes is forbidden. Raises ``ConfigError`` for a label that the model does not
        have.
        """
        from nerture.models.rules import Constraints

        return model.constraints.also(
            Constraints(
                self._matchers(REQUIRE, self.require, "longest", model, manager),
                self._matchers(FORBID, self.forbid, "all", model, manager),
            )
        )

    def _matchers(
        self, option: str, paths: Sequence[str], overlap: str, model: Model, manager: PluginManager
    ) -> list[Matcher]:
        from nerture.hosting.services import HostServices
        from nerture.models.rules import check_labels

        if not paths:
            return []
        services = HostServices(manager.registry, model.labels, Path.cwd(), model.tokenizer)
        given = {"path": list(paths), "overlap": overlap}
        matcher = manager.registry.create("matcher", "patterns", given, services, option)
        check_labels(matcher, model.labels, option)
        return [matcher]

"""The options ``--threshold``, ``--require`` and ``--forbid``, and their effect on a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from nerture.cli.common import options
from nerture.core.suggest_name import suggest_name

if TYPE_CHECKING:
    from nerture.hosting.manager import PluginManager
    from nerture.interfaces import Matcher
    from nerture.models.model import Model
    from nerture.models.rules import Constraints

ALL = ""
"""Stands for the labels without a threshold of their own."""
THRESHOLD, REQUIRE, FORBID = "--threshold", "--require", "--forbid"


def _parse_thresholds(
    context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
) -> dict[str, float]:
    """Return the thresholds by label, ``ALL`` if there is none; raises ``click.UsageError``."""
    thresholds: dict[str, float] = {}
    for text in texts:
        label, equals, number = text.rpartition("=")
        value = _parse_number(number)
        if value is None or (equals and not label):
            raise click.UsageError(
                f"{THRESHOLD}: expected a number from 0 to 1, or LABEL=NUMBER, got {text!r}"
            )
        if label in thresholds:
            raise click.UsageError(f"{THRESHOLD}: expected each label once, got {text!r} again")
        thresholds[label] = value
    return thresholds


def _parse_number(text: str) -> float | None:
    """Return a number from 0 to 1, None for anything else."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


confidence_options = options.group(
    click.option(
        THRESHOLD,
        "thresholds",
        multiple=True,
        callback=_parse_thresholds,
        metavar="[LABEL=]NUMBER",
        help="The minimum probability of entities, from 0 to 1, for all labels or for LABEL [default: the "
        "model's own, usually 0.5]. Repeatable.",
    ),
    click.option(
        REQUIRE,
        "require",
        multiple=True,
        metavar="PATTERNS",
        help="Matches of this pattern file are entities, whatever the model predicts. Repeatable.",
    ),
    click.option(
        FORBID,
        "forbid",
        multiple=True,
        metavar="PATTERNS",
        help="Matches of this pattern file are not entities of the pattern's label. Repeatable.",
    ),
)
"""Adds the options of ``PredictionOptions`` to a command."""


@dataclass(frozen=True, slots=True)
class PredictionOptions:
    """The values of the three options."""

    thresholds: Mapping[str, float]
    require: tuple[str, ...]
    forbid: tuple[str, ...]

    def refuse(self, reason: str) -> None:
        """Raise ``click.UsageError`` if one of the options was given."""
        values = {THRESHOLD: self.thresholds, REQUIRE: self.require, FORBID: self.forbid}
        for option, value in values.items():
            if value:
                raise click.UsageError(f"{option}: {reason}")

    def make_limits(self, labels: Sequence[str]) -> dict[str, float] | None:
        """Return the thresholds of the labels that have one, None if none was given.

        Raises ``click.UsageError`` for a label that is not among ``labels``.
        """
        for label in self.thresholds:
            if label not in (ALL, *labels):
                near = suggest_name(label, labels)
                hint = f"; did you mean {near}?" if near else ""
                raise click.UsageError(
                    f"{THRESHOLD}: expected one of the labels {', '.join(labels)}, got {label!r}{hint}"
                )
        if not self.thresholds:
            return None
        of_all = dict.fromkeys(labels, self.thresholds[ALL]) if ALL in self.thresholds else {}
        return of_all | {label: limit for label, limit in self.thresholds.items() if label != ALL}

    def make_rules(self, model: Model, manager: PluginManager) -> Constraints:
        """Return the model's own constraints with those of the pattern files.

        The files of an option are read as one: of overlapping matches the longest is required, and all are
        forbidden. Raises ``ConfigError`` for a label that the model does not have.
        """
        from nerture.models.rules import Constraints

        return model.constraints.also(
            Constraints(
                self._make_matchers(REQUIRE, self.require, "longest", model, manager),
                self._make_matchers(FORBID, self.forbid, "all", model, manager),
            )
        )

    def _make_matchers(
        self, option: str, paths: Sequence[str], overlap: str, model: Model, manager: PluginManager
    ) -> list[Matcher]:
        from nerture.hosting.services import HostServices
        from nerture.models.rules import check_labels

        if not paths:
            return []
        services = HostServices.for_model(model)
        values = {"path": list(paths), "overlap": overlap}
        matcher = manager.registry.create("matcher", "patterns", values, services, option)
        check_labels(matcher, model.labels, option)
        return [matcher]

"""Writes YAML that says the same to readers of YAML 1.1 and 1.2: nerture writes no YAML in any other way."""

from __future__ import annotations

from typing import Any

import yaml

from nerture.errors import ConfigError
from nerture.files.yaml_lines import TAG, add_scalars

ODD_BREAKS = frozenset("\x85\u2028\u2029")


class _Dumper(yaml.SafeDumper):
    """PyYAML's dumper with quotes around text that YAML 1.2 would take for something else; no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out."""
        return True


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Quote line breaks beyond ASCII, which PyYAML would fold into spaces."""
    style = '"' if ODD_BREAKS.intersection(text) else None
    return dumper.represent_scalar(f"{TAG}str", text, style=style)


add_scalars(_Dumper)
_Dumper.add_representer(str, _represent_text)


def dump(value: Any, *, short: bool = False) -> str:
    """Return plain data as YAML; ``short`` writes lists and mappings of scalars on one line.

    Raises ``ConfigError`` for a value of another type.
    """
    try:
        return str(
            yaml.dump(
                value, Dumper=_Dumper, sort_keys=False, allow_unicode=True,
                default_flow_style=None if short else False,
            )
        )  # fmt: skip
    except yaml.representer.RepresenterError as error:
        raise ConfigError(f"expected plain data, got {error.args[-1]!r:.80}") from error

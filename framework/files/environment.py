"""``${NAME}`` and ``${NAME:-default}`` in the values of a YAML file."""

from __future__ import annotations

import re
from collections.abc import Mapping

from nerture.errors import ConfigError

REFERENCE = re.compile(r"\$\$\{|\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?P<default>:-[^}]*)?\}|\$\{")


def expand(text: str, environ: Mapping[str, str]) -> str:
    """Replace every reference; ``$${`` is an escaped ``${``.

    As in the shell, the default replaces a variable that is unset or empty. Raises ``ConfigError`` for an
    unset variable without default, and for anything else that begins with ``${``.
    """

    def value(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        name, default = match["name"], match["default"]
        if name is None:
            raise ConfigError(
                "expected ${NAME}, ${NAME:-default}, or $${ for the characters themselves, "
                f'got "{text[match.start() : match.start() + 20]}"'
            )
        replacement = environ.get(name)
        if default is not None and not replacement:
            return default[2:]
        if replacement is None:
            raise ConfigError(
                f'the environment variable "{name}" is not set; set it, or write ${{{name}:-default}}'
            )
        return replacement

    return REFERENCE.sub(value, text)

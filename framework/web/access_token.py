"""The token of a session's page: what may be one, and a new one."""

from __future__ import annotations

import secrets

from nerture.errors import ConfigError

MIN_CHARACTERS = 16
"""Nothing limits how often a stranger may guess. Sixteen hexadecimal digits are the 64 bits of randomness
that OWASP asks of a session's identifier; fewer characters can hardly have them."""


def make_token() -> str:
    """Return a new token of 128 random bits, 22 characters."""
    return secrets.token_urlsafe(16)


def check_token(token: str) -> None:
    """Raise ``ConfigError`` for a token that could be guessed, or that a header cannot carry as it stands."""
    made = "leave the token out, and one is made"
    if len(token) < MIN_CHARACTERS:
        got = f"{len(token)}" if token else "an empty text (is a variable unset?)"
        raise ConfigError(
            f"expected a token of at least {MIN_CHARACTERS} characters, so that nobody can guess it, "
            f"got {got}; {made}"
        )
    for place, character in enumerate(token, 1):
        if not "!" <= character <= "~":
            raise ConfigError(
                "expected a token of ASCII letters, digits and punctuation, which every browser sends "
                f"unchanged, got U+{ord(character):04X} as character {place}; {made}"
            )

"""Formats texts and numbers for a terminal."""

from __future__ import annotations

CONTROLS = {
    **{code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"},
    0x7F: 0x2421,
    **dict.fromkeys(range(0x80, 0xA0), 0xFFFD),
}
"""Control characters, and the visible characters that replace them."""


def harmless(text: str) -> str:
    """Return ``text`` with control characters made visible, except tabs and newlines."""
    return text.translate(CONTROLS)


def percent(share: float) -> str:
    """Return a share from 0 to 1 as a percentage."""
    return f"{100 * share:.1f}"


def size(count: int) -> str:
    """Return a number of bytes in kB or MB."""
    return f"{count / 1e6:.1f} MB" if count >= 1e5 else f"{count / 1e3:.1f} kB"


def plural(count: int, what: str) -> str:
    """Return ``1 text``, ``1,234 texts`` or ``5 entities``."""
    several = f"{what[:-1]}ies" if what.endswith("ty") else f"{what}s"
    return f"{count:,} {what if count == 1 else several}"

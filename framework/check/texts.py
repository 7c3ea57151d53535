"""Finds texts that occur twice: duplicates, contradictions, texts in training and evaluation data."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from hashlib import blake2b

from nerture.check.finding import Finding, make_warning
from nerture.core.errors import Origin


class SeenTexts:
    """Remembers each text by a hash of 16 bytes, and where it occurred first."""

    def __init__(self) -> None:
        self._exact: dict[bytes, tuple[Origin, int]] = {}
        self._folded: dict[bytes, Origin] = {}

    def remember(self, text: str, origin: Origin) -> Iterator[Finding]:
        """Remember a text, whatever is known about it; yield ``text-empty`` if it is empty."""
        if not text.strip():
            yield make_warning(origin, "text-empty", "the text is empty")
        self._folded.setdefault(_digest(_fold(text)), origin)

    def add(self, text: str, origin: Origin, annotation: Hashable) -> Iterator[Finding]:
        """Remember a text with its annotation; yield a finding if the text occurred before.

        Codes: ``text-empty``, ``text-duplicate`` (same annotation), ``text-conflict`` (another one).
        """
        yield from self.remember(text, origin)
        if not text.strip():
            return
        key, known = _digest(text), hash(annotation)
        first, before = self._exact.setdefault(key, (origin, known))
        if first is origin:
            return
        if before == known:
            yield make_warning(
                origin, "text-duplicate", f"the same text with the same annotation is at {first}"
            )
        else:
            yield make_warning(
                origin, "text-conflict", f"the same text with another annotation is at {first}"
            )

    def find_leak(self, text: str, origin: Origin) -> Iterator[Finding]:
        """Yield a finding (``leak``) if an evaluation text was seen, ignoring case and spaces."""
        first = self._folded.get(_digest(_fold(text)))
        if first is not None and text.strip():
            yield make_warning(
                origin, "leak", f"the text is in the training data too, at {first}: its scores are unreliable"
            )


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8"), digest_size=16).digest()


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())

"""Texts that stand more than once: doubled, contradicting each other, or in training and evaluation data."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from hashlib import blake2b

from nerture.check.finding import Finding, warning
from nerture.core.errors import Origin


class SeenTexts:
    """Remembers each text by a hash of 16 bytes, and where it stood first."""

    def __init__(self) -> None:
        self._exact: dict[bytes, tuple[Origin, int]] = {}
        self._folded: dict[bytes, Origin] = {}

    def remember(self, text: str, origin: Origin) -> Iterator[Finding]:
        """Remember a text, whatever is known about it; yield ``text-empty`` if it is."""
        if not text.strip():
            yield warning(origin, "text-empty", "the text is empty")
        self._folded.setdefault(_digest(_folded(text)), origin)

    def add(self, text: str, origin: Origin, annotation: Hashable) -> Iterator[Finding]:
        """Remember a text with what is known about it; yield a finding if it was there before.

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
            yield warning(origin, "text-duplicate", f"the same text, annotated alike, stands at {first}")
        else:
            yield warning(origin, "text-conflict", f"the same text stands at {first}, annotated differently")

    def leaked(self, text: str, origin: Origin) -> Iterator[Finding]:
        """Yield a finding (``leak``) if an evaluation text is remembered, whatever its case and spaces."""
        first = self._folded.get(_digest(_folded(text)))
        if first is not None and text.strip():
            yield warning(
                origin, "leak", f"the text is in the training data too, at {first}: scores on it mean little"
            )


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8"), digest_size=16).digest()


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())

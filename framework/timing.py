"""``Stopwatch``: seconds since it was made."""

from __future__ import annotations

from time import perf_counter


class Stopwatch:
    """Measures wall-clock time."""

    def __init__(self) -> None:
        self._start = perf_counter()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return perf_counter() - self._start

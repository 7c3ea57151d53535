"""``RunCounts``: counts texts, words and entities, and measures the speed."""

from __future__ import annotations

import sys
from time import perf_counter

from nerture.cli.common.output import say
from nerture.terminal.text_format import plural

TICK = 0.25  # seconds


class RunCounts:
    """Counts, and shows the counts on standard error: live in a terminal, at the end everywhere."""

    def __init__(self, quiet: bool) -> None:
        self.texts = self.words = self.found = 0
        self._quiet = quiet
        self._live = not quiet and sys.stderr.isatty()
        self._start = self._shown = perf_counter()

    def add(self, words: int, found: int) -> None:
        """Count a text."""
        self.texts += 1
        self.words += words
        self.found += found
        if self._live and (now := perf_counter()) - self._shown > TICK:
            self._shown = now
            sys.stderr.write(f"\r\x1b[K{self._format_line()}")
            sys.stderr.flush()

    def end(self, output: str | None) -> None:
        """Print the summary."""
        if self._live:
            sys.stderr.write("\r\x1b[K")
        if not self._quiet:
            say(f"{self._format_line()}: {output}")

    def _format_line(self) -> str:
        seconds = max(perf_counter() - self._start, 1e-9)
        counts = f"{plural(self.texts, 'text')}, {plural(self.words, 'word')}, {self.found:,} found"
        return f"{counts}, {self.words / seconds:,.0f} words/s"

"""``AnswerNotifier``: reports saved answers to plugins, in order, in the background."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import deepcopy
from threading import Condition, Thread
from types import MappingProxyType
from typing import Self, cast

from nerture.errors import PluginError
from nerture.interfaces import AnswerEvent, CharSpan, Mode
from nerture.sessions.answers.answer_targets import answer_spans
from nerture.sessions.answers.question import Answer, Question

PATIENCE = 2.0
"""Seconds at the end of a session after which a message says that plugins are still being notified."""

Saved = tuple[str, Question, Answer]
"""The dataset, the question, and the saved answer."""


class AnswerNotifier:
    """Calls ``notify`` for each answer, one after the other, in its own thread.

    No session waits for slow plugins; ``close`` waits until all answers are reported. ``say`` prints the
    first failure of each plugin, and at the end how often it failed. Thread-safe.
    """

    def __init__(
        self, notify: Callable[[AnswerEvent], Mapping[str, PluginError]], say: Callable[[str], None]
    ) -> None:
        self._notify, self._say = notify, say
        self._changed = Condition()
        self._waiting: deque[Saved] = deque()
        self._closing = False
        self._count, self._left = 0, 0
        self._failures: Counter[str] = Counter()
        self._last: dict[str, PluginError] = {}
        self._thread = Thread(target=self._run, name="nerture-notifier", daemon=True)
        self._thread.start()

    def __call__(self, dataset: str, question: Question, answer: Answer) -> None:
        """Queue a saved answer; return at once."""
        with self._changed:
            self._waiting.append((dataset, question, answer))
            self._left += 1
            self._changed.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Wait until all answers are reported, and print how often each plugin failed.

        Ctrl-C stops waiting; then the number of unreported answers is printed.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        try:
            self._thread.join(PATIENCE)
            if self._thread.is_alive():
                self._say(f"Notifying plugins of {_format_count(self._left)}; press Ctrl-C to stop.")
                self._thread.join()
        except KeyboardInterrupt:
            with self._changed:
                self._waiting.clear()
            self._say(f"Plugins were not notified of {_format_count(self._left)}; all answers are saved.")
        for name, count in self._failures.items():
            if count > 1:
                total = _format_count(self._count)
                self._say(f"{self._last[name]}\nThis plugin failed {count:,} times, of {total}.")

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                if not self._waiting:
                    return
                saved = self._waiting.popleft()
            failed = self._notify(to_event(*saved))
            with self._changed:
                self._count += 1
                self._left -= 1
            for name, error in failed.items():
                self._failures[name] += 1
                self._last[name] = error
                if self._failures[name] == 1:
                    with suppress(OSError):
                        self._say(f"{error}\nThe answer is saved, and the session continues.")


def to_event(dataset: str, question: Question, answer: Answer) -> AnswerEvent:
    """Return an answer for plugins; changing it does not affect the session."""
    return AnswerEvent(
        dataset=dataset,
        id=answer.id,
        annotator=answer.annotator,
        verdict=answer.verdict,
        spans=tuple(CharSpan(*span) for span in answer_spans(question, answer)),
        flagged=answer.flagged,
        seconds=answer.seconds,
        time=answer.time,
        question=question.id,
        text=question.text,
        kind=question.kind,
        suggested=tuple(CharSpan(span.start_char, span.end_char, span.label) for span in question.spans),
        labels=question.labels,
        mode=cast(Mode, question.mode),
        reason=question.reason,
        probability=question.probability,
        version=question.version,
        fields=MappingProxyType(deepcopy(dict(question.fields))),
    )


def _format_count(count: int) -> str:
    return f"{count:,} answer{'' if count == 1 else 's'}"

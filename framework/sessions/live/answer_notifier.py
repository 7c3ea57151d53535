"""``AnswerNotifier``: tells plugins of the answers that are saved, beside the session and in order."""

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
from nerture.sessions.answers.answer_targets import said_spans
from nerture.sessions.answers.question import Answer, Question

PATIENCE = 2.0
"""Seconds at the end of a session after which the annotator hears that plugins are still being told."""

Saved = tuple[str, Question, Answer]
"""The dataset, the question, and the answer that is on the disk."""


class AnswerNotifier:
    """Calls ``tell`` for each answer, one after the other, in a thread of its own.

    No session waits for it, however slow plugins are; ``close`` waits until all is told. What fails is said
    by ``say`` when a plugin fails for the first time, and counted at the end. It may be called from several
    threads.
    """

    def __init__(
        self, tell: Callable[[AnswerEvent], Mapping[str, PluginError]], say: Callable[[str], None]
    ) -> None:
        self._tell, self._say = tell, say
        self._changed = Condition()
        self._waiting: deque[Saved] = deque()
        self._closing = False
        self._count, self._left = 0, 0
        self._failures: Counter[str] = Counter()
        self._last: dict[str, PluginError] = {}
        self._thread = Thread(target=self._run, name="nerture-teller", daemon=True)
        self._thread.start()

    def __call__(self, dataset: str, question: Question, answer: Answer) -> None:
        """Take note of an answer that is on the disk; returns at once."""
        with self._changed:
            self._waiting.append((dataset, question, answer))
            self._left += 1
            self._changed.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Wait until plugins have been told of everything, and say how often they failed.

        Ctrl-C ends the waiting; then it is said how many answers they were not told of.
        """
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        try:
            self._thread.join(PATIENCE)
            if self._thread.is_alive():
                self._say(f"Plugins have still to be told of {_answers(self._left)}; Ctrl-C ends without.")
                self._thread.join()
        except KeyboardInterrupt:
            with self._changed:
                self._waiting.clear()
            self._say(f"Plugins were not told of {_answers(self._left)}; everything answered is saved.")
        for name, count in self._failures.items():
            if count > 1:
                told = _answers(self._count)
                self._say(f"{self._last[name]}\nThis plugin failed {count:,} times, of {told}.")

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closing)
                if not self._waiting:
                    return
                saved = self._waiting.popleft()
            failed = self._tell(given(*saved))
            with self._changed:
                self._count += 1
                self._left -= 1
            for name, error in failed.items():
                self._failures[name] += 1
                self._last[name] = error
                if self._failures[name] == 1:
                    with suppress(OSError):
                        self._say(f"{error}\nThe answer is saved, and the session goes on.")


def given(dataset: str, question: Question, answer: Answer) -> AnswerEvent:
    """Return an answer as plugins see it: nothing that they do to it touches the session."""
    return AnswerEvent(
        dataset=dataset,
        id=answer.id,
        annotator=answer.annotator,
        verdict=answer.verdict,
        spans=tuple(CharSpan(*span) for span in said_spans(question, answer)),
        flagged=answer.flagged,
        seconds=answer.seconds,
        time=answer.time,
        question=question.id,
        text=question.text,
        kind=question.kind,
        offered=tuple(CharSpan(span.start_char, span.end_char, span.label) for span in question.spans),
        labels=question.labels,
        mode=cast(Mode, question.mode),
        reason=question.reason,
        probability=question.probability,
        version=question.version,
        fields=MappingProxyType(deepcopy(dict(question.fields))),
    )


def _answers(count: int) -> str:
    return f"{count:,} answer{'' if count == 1 else 's'}"

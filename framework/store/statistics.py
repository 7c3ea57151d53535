"""Counts what a dataset has."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import Connection, func, select

from nerture.store import schema
from nerture.store.reading import AnswerFilter, read_current
from nerture.store.records import Statistics
from nerture.store.rows import find_span_answers


def count_statistics(connection: Connection, dataset: int, name: str) -> Statistics:
    """Count the current answers, and those that were undone."""
    verdicts: Counter[str] = Counter()
    annotators: Counter[str] = Counter()
    labels: dict[str, Counter[str]] = {}
    texts: set[str] = set()
    times: list[float] = []
    seconds: list[float] = []
    for answer in read_current(connection, dataset, AnswerFilter()):
        verdicts[answer.verdict or "no answer"] += 1
        annotators[answer.annotator or "unknown"] += 1
        if answer.text is not None:
            texts.add(answer.text)
        if answer.time is not None:
            times.append(answer.time)
        if answer.seconds is not None:
            seconds.append(answer.seconds)
        for label, verdict in find_span_answers(answer.row):
            labels.setdefault(label, Counter())[verdict] += 1
    undone = (
        select(func.count())
        .select_from(schema.undone)
        .join(schema.answers, schema.answers.c.key == schema.undone.c.answer)
        .where(schema.answers.c.dataset == dataset)
    )
    sessions = select(func.count()).where(schema.sessions.c.dataset == dataset)
    return Statistics(
        name=name,
        answers=sum(verdicts.values()),
        undone=connection.execute(undone).scalar_one(),
        texts=len(texts),
        sessions=connection.execute(sessions).scalar_one(),
        verdicts=dict(verdicts.most_common()),
        annotators=dict(annotators.most_common()),
        labels={label: dict(counts.most_common()) for label, counts in sorted(labels.items())},
        seconds=sum(seconds) if seconds else None,
        first=min(times, default=None),
        last=max(times, default=None),
    )

"""What ``apply`` and ``match`` have in common: rows in, what was found out, in order."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from nerture.cli.common.outfile import STDOUT
from nerture.cli.tagging.job import Job
from nerture.cli.tagging.output_sink import Found, sink
from nerture.cli.tagging.rejected import RejectedLines, rejecting
from nerture.cli.tagging.tally import RunCounts
from nerture.core.annotations.record import Problem, Record
from nerture.errors import DataError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from nerture.core.text.doc import Doc
    from nerture.hosting.manager import PluginManager
    from nerture.interfaces import Services

Analyse: TypeAlias = "Callable[[Sequence[Doc]], Iterable[Found]]"
"""Docs to what is found in each, in order."""
Batch: TypeAlias = "list[tuple[Record, Doc]]"
Examine: TypeAlias = "Callable[[Doc], None]"

BATCH_WORDS = 100_000


def accept(doc: Doc) -> None:
    """Take any text."""


def tag(
    job: Job,
    manager: PluginManager,
    services: Services,
    labels: Sequence[str],
    analyse: Analyse,
    examine: Examine = accept,
    rich: Sequence[str] = (),
) -> None:
    """Do the job; raises ``DataError`` when no row at all could be read.

    ``examine`` raises ``DataError`` for a text that cannot be analysed: its row is left out like a bad one.
    ``rich`` is that of ``sink``.
    """
    from nerture.files.corpus import read_records

    items = read_records(job.input, manager.registry, services, job.format)
    typed = job.input == STDOUT and sys.stdin.isatty()  # somebody who types waits for each answer
    output = Path(job.output) if job.output not in (None, STDOUT) else None
    beside = output if output is not None and (output.is_file() or not output.exists()) else None
    tally = RunCounts(quiet=job.quiet or output is None)
    with (
        rejecting(job.strict, beside) as rejected,
        sink(job.output, job.writer, job.as_json, manager, services, labels, rich) as put,
    ):
        batches = _batches(items, services, examine, rejected, 1 if typed else job.batch_size)
        for batch, results in analysed(batches, analyse, 1 if typed else job.threads):
            for (record, doc), found in zip(batch, results, strict=True):
                put(record, doc, found)
                tally.add(len(doc), len(found.items))
        if rejected.rows and not tally.texts:
            raise DataError(
                f"{job.input}: no row could be read; nothing was written; is it of another --format?"
            )
    tally.end(job.output)


def analysed(
    batches: Iterable[Batch], analyse: Analyse, threads: int
) -> Iterator[tuple[Batch, Iterable[Found]]]:
    """Yield each batch with what is found in it, in order; several ``threads`` are a few batches ahead."""

    def looked_at(batch: Batch) -> list[Found]:
        return list(analyse([doc for _, doc in batch]))

    if threads == 1:
        for batch in batches:
            yield batch, looked_at(batch)
        return
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(threads)
    ahead: deque[tuple[Batch, Future[list[Found]]]] = deque()
    try:
        for batch in batches:
            ahead.append((batch, pool.submit(looked_at, batch)))
            if len(ahead) > threads:
                done, found = ahead.popleft()
                yield done, found.result()
        while ahead:
            done, found = ahead.popleft()
            yield done, found.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _batches(
    items: Iterable[Record | Problem],
    services: Services,
    examine: Examine,
    rejected: RejectedLines,
    size: int,
) -> Iterator[Batch]:
    """Yield the good rows in batches of ``size`` texts, or fewer if they are long."""
    batch: Batch = []
    words = 0
    for item in items:
        if isinstance(item, Problem):
            rejected.add(item)
            continue
        try:
            doc = services.doc(item)
        except DataError as error:
            rejected.add(Problem(item.origin, "bad-tokens", str(error)))
            continue
        try:
            examine(doc)
        except DataError as error:
            rejected.add(Problem(item.origin, "not-analysed", str(error)))
            continue
        batch.append((item, doc))
        words += len(doc)
        if len(batch) >= size or words >= BATCH_WORDS:
            yield batch
            batch, words = [], 0
    if batch:
        yield batch

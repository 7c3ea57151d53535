"""Takes texts through ``apply`` or ``match``: reads rows, analyses them, writes results in order."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from nerture.cli.common.outfile import STDOUT
from nerture.cli.tagging.job import Job
from nerture.cli.tagging.output_sink import TaggedText, open_sink
from nerture.cli.tagging.rejected import RejectedLines, open_rejected
from nerture.cli.tagging.tally import RunCounts
from nerture.core.annotations.record import Problem, Record
from nerture.errors import DataError

if TYPE_CHECKING:
    from concurrent.futures import Future

    from nerture.core.text.doc import Doc
    from nerture.hosting.manager import PluginManager
    from nerture.interfaces import Services

Analyse: TypeAlias = "Callable[[Sequence[Doc]], Iterable[TaggedText]]"
"""Returns the result for each doc, in order."""
Batch: TypeAlias = "list[tuple[Record, Doc]]"
Check: TypeAlias = "Callable[[Doc], None]"

BATCH_WORDS = 100_000


def accept(doc: Doc) -> None:
    """Accept any text."""


def tag(
    job: Job,
    manager: PluginManager,
    services: Services,
    labels: Sequence[str],
    analyse: Analyse,
    check: Check = accept,
    json_only: Sequence[str] = (),
) -> None:
    """Do the job; raises ``DataError`` if no row could be read.

    ``check`` raises ``DataError`` for a text that cannot be analysed: its row is skipped like a bad one.
    ``json_only`` is passed to ``open_sink``.
    """
    from nerture.files.corpus import read_records

    items = read_records(job.input, manager.registry, services, job.format)
    typed = job.input == STDOUT and sys.stdin.isatty()  # answer each line as it is typed
    output = Path(job.output) if job.output not in (None, STDOUT) else None
    regular = output if output is not None and (output.is_file() or not output.exists()) else None
    tally = RunCounts(quiet=job.quiet or output is None)
    with (
        open_rejected(job.strict, regular) as rejected,
        open_sink(job.output, job.writer, job.as_json, manager, services, labels, json_only) as put,
    ):
        batches = _batches(items, services, check, rejected, 1 if typed else job.batch_size)
        for batch, results in analyse_batches(batches, analyse, 1 if typed else job.threads):
            for (record, doc), result in zip(batch, results, strict=True):
                put(record, doc, result)
                tally.add(len(doc), len(result.items))
        if rejected.rows and not tally.texts:
            raise DataError(f"{job.input}: no row could be read, nothing was written; check --format")
    tally.end(job.output)


def analyse_batches(
    batches: Iterable[Batch], analyse: Analyse, threads: int
) -> Iterator[tuple[Batch, Iterable[TaggedText]]]:
    """Yield each batch with its results, in order; several ``threads`` work a few batches ahead."""

    def analyse_batch(batch: Batch) -> list[TaggedText]:
        return list(analyse([doc for _, doc in batch]))

    if threads == 1:
        for batch in batches:
            yield batch, analyse_batch(batch)
        return
    from concurrent.futures import ThreadPoolExecutor

    pool = ThreadPoolExecutor(threads)
    ahead: deque[tuple[Batch, Future[list[TaggedText]]]] = deque()
    try:
        for batch in batches:
            ahead.append((batch, pool.submit(analyse_batch, batch)))
            if len(ahead) > threads:
                done, future = ahead.popleft()
                yield done, future.result()
        while ahead:
            done, future = ahead.popleft()
            yield done, future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _batches(
    items: Iterable[Record | Problem],
    services: Services,
    check: Check,
    rejected: RejectedLines,
    size: int,
) -> Iterator[Batch]:
    """Yield the good rows in batches of ``size`` texts, fewer if they are long."""
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
            check(doc)
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

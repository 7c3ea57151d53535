"""``read_rows``: the rows of a label source's file or dataset."""

from __future__ import annotations

from collections.abc import Iterator

from nerture.core.annotations.record import Problem, Record
from nerture.interfaces.options import RowsOptions
from nerture.interfaces.protocols import Services


def read_rows(options: RowsOptions, services: Services) -> Iterator[Record | Problem]:
    """Read the rows of the file or dataset that the options name."""
    if options.dataset is not None:
        return services.dataset(options.dataset)
    assert options.path is not None
    return services.read(options.path, options.format)

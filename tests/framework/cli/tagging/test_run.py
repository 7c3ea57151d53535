"""Texts analysed in threads."""

from __future__ import annotations

import pytest

from nerture.cli.tagging.output_sink import TaggedText
from nerture.cli.tagging.run import analyse_batches
from nerture.errors import DataError


def test_an_error_in_a_thread_is_raised_for_its_batch():
    def analyse(docs):
        if docs == [7]:
            raise DataError("seven")
        return [TaggedText(docs)]

    results = analyse_batches([[(None, number)] for number in range(20)], analyse, 3)
    for number in range(7):
        assert [found.items for found in next(results)[1]] == [[number]]
    with pytest.raises(DataError, match="seven"):
        next(results)

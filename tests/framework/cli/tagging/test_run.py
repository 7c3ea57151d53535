"""Texts analysed in threads."""

from __future__ import annotations

import pytest

from nerture.cli.tagging.output_sink import Found
from nerture.cli.tagging.run import analysed
from nerture.errors import DataError


def test_what_fails_in_a_thread_is_raised_where_it_belongs():
    def analyse(docs):
        if docs == [7]:
            raise DataError("seven")
        return [Found(docs)]

    results = analysed([[(None, number)] for number in range(20)], analyse, 3)
    for number in range(7):
        assert [found.items for found in next(results)[1]] == [[number]]
    with pytest.raises(DataError, match="seven"):
        next(results)

"""Contract checks for the authors of plugins: each tries a part as the host will use it.

A check returns nothing, or raises ``AssertionError`` with a sentence that says what the part did and what the
contract allows. ``parts_of`` loads a plugin by itself, ``make_part`` makes one of its parts from options as
they stand in a pipeline.
"""

from nerture.testing.checks import (
    check_loss,
    check_matcher,
    check_reader,
    check_sorter,
    check_source,
    check_tokenizer,
    check_writer,
    make_part,
    parts_of,
)

__all__ = [
    "check_loss",
    "check_matcher",
    "check_reader",
    "check_sorter",
    "check_source",
    "check_tokenizer",
    "check_writer",
    "make_part",
    "parts_of",
]

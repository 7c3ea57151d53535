"""Wrappers of the parts that plugins make: they implement the same Protocols and check every call.

Exceptions are reported with the name of the plugin, and results of the wrong form are refused before they
reach compiled code. ``inner`` is the plugin's own object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, BinaryIO, TextIO

import numpy as np

from nerture.core.annotations.record import Problem, Record
from nerture.core.lattice.scores import Scores
from nerture.core.targets.target import Target
from nerture.core.text.doc import Doc, Offsets, Span
from nerture.interfaces import (
    Candidate,
    FloatArray,
    Loss,
    Match,
    Matcher,
    Reader,
    Sorter,
    Source,
    Tokenizer,
    Writer,
)
from nerture.registry.guard import CallSite


class GuardedTokenizer:
    """A tokenizer whose offsets stay in order and within the text."""

    def __init__(self, inner: Tokenizer, site: CallSite) -> None:
        self.inner, self.site = inner, site

    def __call__(self, text: str) -> Offsets:
        """Return int32 (N, 2) character offsets."""
        try:
            offsets = self.inner(text)
        except Exception as error:
            self.site.reraise(error)
        if not isinstance(offsets, np.ndarray) or offsets.dtype != np.int32 or offsets.shape[1:] != (2,):
            raise self.site.failure(f"returned {_form(offsets)}, expected int32 (N, 2)")
        flat = offsets.ravel()
        if len(flat) and (flat[0] < 0 or flat[-1] > len(text) or (flat[1:] < flat[:-1]).any()):
            raise self.site.failure(
                "returned offsets that overlap, are out of order or leave "
                f"the {len(text)} characters of the text"
            )
        return offsets


class GuardedReader:
    """A reader that yields records and problems only."""

    def __init__(self, inner: Reader, site: CallSite) -> None:
        self.inner, self.site = inner, site
        self.suffixes = tuple(inner.suffixes)

    def sniff(self, head: str) -> bool:
        """Return True if a file that begins with ``head`` looks like this format."""
        try:
            return bool(self.inner.sniff(head))
        except Exception as error:
            self.site.reraise(error)

    def read(self, stream: BinaryIO, name: str) -> Iterator[Record | Problem]:
        """Yield the rows of ``stream``; errors of the operating system are raised unchanged."""
        try:
            for item in self.inner.read(stream, name):
                if not isinstance(item, Record | Problem):
                    raise self.site.failure(f"yielded {_form(item)}, expected Record or Problem")
                yield item
        except OSError:
            raise
        except Exception as error:
            self.site.reraise(error)


class GuardedMatcher:
    """A matcher whose hits lie within the text and carry its labels."""

    def __init__(self, inner: Matcher, site: CallSite) -> None:
        self.inner, self.site = inner, site
        self.labels = tuple(inner.labels)

    def __call__(self, doc: Doc) -> list[Match]:
        """Return the hits in order of their start."""
        try:
            matches = self.inner(doc)
            for start, end, label, _ in matches:
                if not 0 <= start < end <= len(doc) or label not in self.labels:
                    raise self.site.failure(
                        f"returned [{start}, {end}) {label!r} for a text of {len(doc)} tokens; "
                        f"its labels are {', '.join(self.labels)}"
                    )
        except Exception as error:
            self.site.reraise(error)
        return matches


class GuardedSource:
    """A source that yields targets and problems only."""

    def __init__(self, inner: Source, site: CallSite) -> None:
        self.inner, self.site = inner, site

    def targets(self) -> Iterator[Target | Problem]:
        """Yield what is known about each text."""
        try:
            for item in self.inner.targets():
                if not isinstance(item, Target | Problem):
                    raise self.site.failure(f"yielded {_form(item)}, expected Target or Problem")
                yield item
        except Exception as error:
            self.site.reraise(error)


class GuardedLoss:
    """A loss that is a finite number with float32 gradients of the scores' shapes."""

    def __init__(self, inner: Loss, site: CallSite) -> None:
        self.inner, self.site = inner, site

    def __call__(self, scores: Scores, targets: Sequence[Target]) -> tuple[float, FloatArray, FloatArray]:
        """Return the loss and its gradients."""
        try:
            loss, d_closed, d_open = self.inner(scores, targets)
        except Exception as error:
            self.site.reraise(error)
        for name, gradient, like in (("closed", d_closed, scores.closed), ("open", d_open, scores.open)):
            array = isinstance(gradient, np.ndarray)
            if not array or gradient.shape != like.shape or gradient.dtype != np.float32:
                raise self.site.failure(
                    f"returned {_form(gradient)} as gradient of scores.{name}, expected float32 {like.shape}"
                )
        if not np.isfinite(loss):
            raise self.site.failure(f"returned the loss {loss}, expected a finite number")
        if d_open[~scores.exists].any():
            raise self.site.failure(
                "returned a gradient for rows of scores.open that do not exist (scores.exists), expected 0"
            )
        return float(loss), d_closed, d_open


class GuardedSorter:
    """A sorter that returns each candidate at most once."""

    def __init__(self, inner: Sorter, site: CallSite) -> None:
        self.inner, self.site = inner, site

    def __call__(self, candidates: Sequence[Candidate], seed: int) -> list[int]:
        """Return the indices of candidates in the order in which they are asked."""
        try:
            order = [int(index) for index in self.inner(candidates, seed)]
        except Exception as error:
            self.site.reraise(error)
        if len(set(order)) != len(order) or not all(0 <= index < len(candidates) for index in order):
            raise self.site.failure(
                f"returned {str(order)[:60]}, expected the indices of {len(candidates)} candidates, "
                "each at most once"
            )
        return order


class GuardedWriter:
    """A writer; errors of the operating system (a full disk) are raised unchanged."""

    def __init__(self, inner: Writer, site: CallSite) -> None:
        self.inner, self.site = inner, site
        self.suffixes = tuple(inner.suffixes)

    def write(self, stream: TextIO, record: Record, doc: Doc, found: Sequence[Span | Match]) -> None:
        """Write one text to ``stream``."""
        try:
            self.inner.write(stream, record, doc, found)
        except OSError:
            raise
        except Exception as error:
            self.site.reraise(error)


GUARDS: Mapping[str, Callable[[Any, CallSite], object]] = MappingProxyType(
    {
        "tokenizer": GuardedTokenizer,
        "reader": GuardedReader,
        "matcher": GuardedMatcher,
        "source": GuardedSource,
        "loss": GuardedLoss,
        "sorter": GuardedSorter,
        "writer": GuardedWriter,
    }
)
"""The kinds of parts, and the wrapper of each."""


def _form(value: object) -> str:
    """Describe a result by its type, and an array by its dtype and shape."""
    return f"{value.dtype} {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__

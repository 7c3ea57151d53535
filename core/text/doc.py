"""``Doc``: a text with its tokens; ``Token`` and ``Span`` objects are created from it on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias

import numpy as np

from nerture.core.errors import DataError
from nerture.core.text.token_texts import slice_tokens

if TYPE_CHECKING:
    import numpy.typing as npt

Offsets: TypeAlias = np.ndarray[tuple[Any, ...], np.dtype[np.int32]]
"""int32 (N, 2): ``[start_char, end_char)`` of each token, ascending, none empty or overlapping."""

Align = Literal["error", "expand", "split"]
"""What happens to a span that begins or ends inside a token."""

SpanKey: TypeAlias = tuple[int, int, str]
"""Start, end (tokens, end exclusive) and label of a span."""


class TokenBounds(Protocol):
    """Anything that covers the tokens ``[start, end)``."""

    @property
    def start(self) -> int:
        """The first token."""

    @property
    def end(self) -> int:
        """The token after the last."""


class Doc:
    """A text with its tokens and, once they are set, its entities.

    ``Doc(text)`` tokenizes as English; pass another ``tokenizer`` (text -> (N, 2) int32 character offsets),
    or build a Doc from tokenized words with ``Doc.from_words``.
    """

    __slots__ = ("_spans", "offsets", "text")

    def __init__(self, text: str, tokenizer: Callable[[str], Offsets] | None = None) -> None:
        if tokenizer is None:
            from nerture.core.text.english import english_tokenizer

            tokenizer = english_tokenizer()
        self.text = text
        self.offsets: Offsets = np.ascontiguousarray(tokenizer(text), dtype=np.int32).reshape(-1, 2)
        self._spans: tuple[Span, ...] = ()

    @classmethod
    def from_offsets(cls, text: str, offsets: npt.ArrayLike) -> Doc:
        """Build a Doc from character offsets, an (N, 2) array-like of ``[start_char, end_char)``.

        Raises ``DataError`` for offsets that are not ascending, overlap, are empty, or are outside the text.
        """
        array = np.ascontiguousarray(np.asarray(offsets, dtype=np.int32).reshape(-1, 2))
        if len(array):
            if (array[:, 0] >= array[:, 1]).any():
                token = int(np.argmax(array[:, 0] >= array[:, 1]))
                raise DataError(f"token {token} is empty: characters {array[token, 0]} to {array[token, 1]}")
            if (array[1:, 0] < array[:-1, 1]).any():
                token = int(np.argmax(array[1:, 0] < array[:-1, 1])) + 1
                raise DataError(
                    f"token {token} begins at character {array[token, 0]}, "
                    f"before the end of token {token - 1} at {array[token - 1, 1]}"
                )
            if array[0, 0] < 0 or array[-1, 1] > len(text):
                raise DataError(
                    f"tokens: expected characters within 0 to {len(text)}, "
                    f"got {array[0, 0]} to {array[-1, 1]}"
                )
        doc = cls.__new__(cls)
        doc.text, doc.offsets, doc._spans = text, array, ()
        return doc

    @classmethod
    def from_words(cls, words: Sequence[str], spaces: Sequence[bool] | None = None) -> Doc:
        """Build a Doc whose tokens are ``words``; ``spaces[i]`` says whether a space follows word i.

        By default, spaces separate all words. Raises ``DataError`` for an empty word, and if ``spaces`` has
        another length.
        """
        if spaces is not None and len(spaces) != len(words):
            raise DataError(f"spaces: expected {len(words)}, one for each word, got {len(spaces)}")
        parts: list[str] = []
        offsets = np.empty((len(words), 2), dtype=np.int32)
        position = 0
        for index, word in enumerate(words):
            if not word:
                raise DataError(f"word {index} is empty")
            offsets[index] = position, position + len(word)
            parts.append(word)
            position += len(word)
            last = index == len(words) - 1
            if spaces[index] if spaces is not None else not last:
                parts.append(" ")
                position += 1
        doc = cls.__new__(cls)
        doc.text, doc.offsets, doc._spans = "".join(parts), offsets, ()
        return doc

    def __len__(self) -> int:
        return len(self.offsets)

    def __getitem__(self, index: int) -> Token:
        start_char, end_char = self.offsets[index]
        return Token(self.text[start_char:end_char], int(start_char), int(end_char))

    def __iter__(self) -> Iterator[Token]:
        text = self.text
        for start_char, end_char in self.offsets.tolist():
            yield Token(text[start_char:end_char], start_char, end_char)

    def __repr__(self) -> str:
        text = self.text if len(self.text) <= 60 else self.text[:57] + "..."
        return f"Doc({text!r}, {len(self)} tokens, {len(self._spans)} spans)"

    def part(self, start: int, end: int) -> Doc:
        """Return the tokens ``[start, end)``, at least one, and the text that they cover, as a Doc.

        Its characters are counted from its first token; its spans are not set.
        """
        offsets = self.offsets[start:end]
        start_char, end_char = int(offsets[0, 0]), int(offsets[-1, 1])
        doc = Doc.__new__(Doc)
        doc.text, doc.offsets, doc._spans = self.text[start_char:end_char], offsets - start_char, ()
        return doc

    @property
    def words(self) -> list[str]:
        """The tokens' texts."""
        return slice_tokens(self.text, self.offsets)

    @property
    def spans(self) -> list[Span]:
        """The entities, in order, none overlapping."""
        return list(self._spans)

    @spans.setter
    def spans(self, spans: Iterable[Span]) -> None:
        ordered = tuple(sorted(spans, key=lambda span: (span.start, span.end)))
        for before, after in pairwise(ordered):
            if after.start < before.end:
                raise DataError(f"{before} and {after} overlap")
        self._spans = ordered

    def span(self, start: int, end: int, label: str, score: float | None = None) -> Span:
        """Make the span of tokens ``[start, end)``; ``DataError`` if it is empty or outside the text."""
        if not 0 <= start < end <= len(self):
            raise DataError(
                f"span of {label}: expected bounds within the {len(self)} tokens of the text, "
                f"got [{start}, {end})"
            )
        return Span(start, end, label, score, doc=self)

    def char_span(self, start_char: int, end_char: int, label: str) -> Span | None:
        """Make the span of the characters ``[start_char, end_char)``; None if they are not whole tokens."""
        start = int(np.searchsorted(self.offsets[:, 0], start_char))
        end = int(np.searchsorted(self.offsets[:, 1], end_char))
        exact = (
            start <= end < len(self)
            and self.offsets[start, 0] == start_char
            and self.offsets[end, 1] == end_char
        )
        return Span(start, end + 1, label, doc=self) if exact else None


@dataclass(frozen=True, slots=True)
class Token:
    """A token's text and its characters ``[start_char, end_char)``."""

    text: str
    start_char: int
    end_char: int


@dataclass(frozen=True, slots=True)
class Span:
    """Tokens ``[start, end)`` with a label; equal when bounds and label are, whatever the score."""

    start: int
    end: int
    label: str
    score: float | None = field(default=None, compare=False)
    doc: Doc = field(kw_only=True, compare=False, repr=False)

    @property
    def key(self) -> SpanKey:
        """Start, end and label."""
        return self.start, self.end, self.label

    def overlaps(self, other: TokenBounds) -> bool:
        """Return True if the two have a token in common."""
        return self.start < other.end and other.start < self.end

    @property
    def start_char(self) -> int:
        """The first character."""
        return int(self.doc.offsets[self.start, 0])

    @property
    def end_char(self) -> int:
        """The character after the last."""
        return int(self.doc.offsets[self.end - 1, 1])

    @property
    def text(self) -> str:
        """The text that the span covers."""
        return self.doc.text[self.start_char : self.end_char]

    def __len__(self) -> int:
        return self.end - self.start

    def __str__(self) -> str:
        return f"{self.label} {self.text!r} (characters {self.start_char} to {self.end_char})"

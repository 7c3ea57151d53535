"""The network: hashed attributes to token vectors, token vectors to transition scores.

Letters: N tokens, W width, P pieces, H hidden, L labels, A = 4L+1 actions, K lengths of an open entity, S
states.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nerture.core.arrays import Floats
from nerture.core.kernels.dense import DENSE, Dense
from nerture.core.network import layer_loops as kernels
from nerture.core.network.feature_extractor import find_distinct, hash_rows, hide, hide_single
from nerture.core.network.features import IDENTITY, embedded_attributes
from nerture.core.network.inference_encoder import InferenceEncoder
from nerture.core.network.layers import convolution, dropout, embed, linear, maxout_norm
from nerture.core.network.matmul import add_product, product
from nerture.core.network.padding import Frame
from nerture.core.network.parameters import Parameters
from nerture.core.network.settings import ModelSettings
from nerture.core.network.vocabulary import Vocabulary
from nerture.core.text.lexical import ATTRIBUTES

if TYPE_CHECKING:
    import numpy.typing as npt

CHOICES = 4  # rows of a hash table that each attribute sums
STATES = 2000  # open states computed at once, so that their hidden layer stays in the CPU cache


@dataclass(frozen=True, slots=True)
class Batch:
    """The input of a batch of texts: ``attributes`` uint64 (N, F) and the texts' ``bounds`` int64 (T+1)."""

    attributes: npt.NDArray[np.uint64]
    bounds: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Noise:
    """The noise of one training step: the shares to drop, and the seed."""

    seed: int
    dropout: float = 0.0
    word_dropout: float = 0.0
    attribute_dropout: float = 0.0
    unk_dropout: float = 0.0


def shapes(settings: ModelSettings, labels: int, matches: bool) -> dict[str, tuple[int, ...]]:
    """Return name and shape of every parameter block; ``matches``: tokens have a matchers' attribute."""
    width, hidden = settings.width, settings.hidden
    blocks: dict[str, tuple[int, ...]] = {}
    for name, rows in embedded_attributes(matches):
        blocks[f"embed.{name}"] = (rows, width)
    layers = [
        ("mix", len(embedded_attributes(matches)) * width),
        *((f"block{i}", 3 * width) for i in range(settings.depth)),
    ]
    for name, inputs in layers:
        blocks[f"{name}.weight"] = (inputs, settings.pieces * width)
        blocks[f"{name}.bias"] = (settings.pieces * width,)
        blocks[f"{name}.gain"] = (width,)
        blocks[f"{name}.shift"] = (width,)
    blocks["slots.weight"] = (width, 3 * 2 * hidden)
    blocks["slots.bias"] = (3 * 2 * hidden,)
    blocks["slots.absent"] = (2, 2 * hidden)
    blocks["closed.weight"] = (hidden, 2 * labels + 1)
    blocks["closed.bias"] = (2 * labels + 1,)
    blocks["open.weight"] = (hidden, 2 * labels)
    blocks["open.bias"] = (2 * labels,)
    return blocks


def initialise(weights: Parameters, seed: int) -> None:
    """Initialise the parameters: Glorot-uniform weights, small embeddings, unit gains, zero output layers."""
    rng = np.random.default_rng(seed)
    for name in weights:
        kind = name.rsplit(".", 1)[-1]
        shape = weights.shapes[name]
        if name.startswith("embed."):
            weights[name] = rng.uniform(-0.1, 0.1, shape)
        elif kind == "gain":
            weights[name] = np.ones(shape)
        elif kind == "weight" and not name.startswith(("closed.", "open.")):
            bound = math.sqrt(6.0 / (shape[0] + shape[1] / (2 if name.startswith("slots") else 3)))
            weights[name] = rng.uniform(-bound, bound, shape)


@dataclass(frozen=True, slots=True)
class Encoded:
    """What the decoder needs: a batch's ``closed`` (N, 2L+1) and ``slots`` (N, 3*2H), and an output layer.

    This is the output layer of the states in which an entity is open: ``open_weight`` (H, 2L), ``open_bias``
    (2L).
    """

    closed: Floats
    slots: Floats
    open_weight: Floats
    open_bias: Floats

    def piece(self, begin: int, end: int) -> Encoded:
        """Return the same for the tokens ``[begin, end)`` alone."""
        return replace(self, closed=self.closed[begin:end], slots=self.slots[begin:end])


class Network:
    """The scores of all transitions, forward and backward.

    With a ``vocabulary``, a single value replaces all attribute values that it does not have.
    """

    __slots__ = ("_encoder", "embedded", "identity", "int8", "labels", "settings", "vocabulary", "weights")

    def __init__(
        self,
        settings: ModelSettings,
        labels: int,
        weights: Parameters,
        matches: bool,
        *,
        int8: bool = False,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self.settings = settings
        self.labels = labels
        self.weights = weights
        self.int8 = int8
        self.vocabulary = vocabulary
        self.embedded = embedded_attributes(matches)
        self.identity = np.array([ATTRIBUTES.index(name) for name in IDENTITY], dtype=np.int32)
        self._encoder: tuple[int, InferenceEncoder] | None = None  # with the version of its weights

    @property
    def receptive_field(self) -> int:
        """How many tokens on each side affect a token's scores."""
        return self.settings.depth + 1  # one more: the previous token's slot

    def encode(self, batch: Batch) -> Encoded:
        """Return what the states' scores are computed from, for prediction; the same bytes in any batch."""
        if self.weights.dtype != np.float32:
            return self._forward(batch)[0]
        encoder = self.get_encoder()
        closed, slots = encoder.encode(batch.attributes, batch.bounds)
        return Encoded(closed, slots, encoder.open_weight, encoder.open_bias)

    def get_encoder(self) -> InferenceEncoder:
        """Return the encoder of the present weights."""
        version, cached = self.weights.version, self._encoder
        if cached is None or cached[0] != version:
            cached = self._encoder = (version, self.make_encoder())
        return cached[1]

    def clear_cache(self) -> None:
        """Clear the word-form cache of prediction."""
        if self._encoder is not None:
            self._encoder[1].clear_cache()

    def make_encoder(self, dense: Dense = DENSE) -> InferenceEncoder:
        """Return a new encoder, by default with the kernels in use."""
        settings = self.settings
        return InferenceEncoder(
            {name: self.weights.read(name) for name in self.weights},
            [(f"embed.{name}", ATTRIBUTES.index(name)) for name, _ in self.embedded],
            len(ATTRIBUTES) - (self.embedded[-1][0] != "match"), CHOICES,
            depth=settings.depth, width=settings.width, pieces=settings.pieces, hidden=settings.hidden,
            int8=self.int8, dense=dense, vocabulary=self.vocabulary, identity=self.identity.tolist(),
        )  # fmt: skip

    def _forward(
        self, batch: Batch, noise: Noise | None = None, gradient: Parameters | None = None
    ) -> tuple[Encoded, Callable[[Floats, Floats], None]]:
        """Return what the states' scores are computed from, and ``backward(d_closed, d_slots)``.

        The latter adds to ``gradient``.
        """
        settings, weights, bounds = self.settings, self.weights, batch.bounds
        noise = noise or Noise(0)
        count = len(batch.attributes)
        attributes = batch.attributes.copy()
        if self.vocabulary is not None:
            self.vocabulary.replace_unknown(attributes, self.identity, noise.unk_dropout, noise.seed)
        if noise.word_dropout or noise.attribute_dropout:
            hide(attributes, self.identity, noise.word_dropout, noise.seed)
            hide_single(attributes, noise.attribute_dropout, noise.seed)
        first, inverse = find_distinct(attributes)  # tokens with the same attributes are mixed once
        attributes = attributes[first]
        rows = [hash_rows(attributes, ATTRIBUTES.index(name), size, CHOICES) for name, size in self.embedded]
        vectors, embed_back = embed(weights, [f"embed.{name}" for name, _ in self.embedded], rows, gradient)
        frame = Frame.of(bounds)
        backs = []
        mixed, mix_back = maxout_norm(weights, "mix", vectors, gradient)
        vectors = mixed[inverse]
        dropout(vectors, noise.dropout, noise.seed)
        framed = frame.pad(vectors)
        for depth in range(settings.depth):
            step, back = convolution(weights, f"block{depth}", framed, gradient)
            dropout(step, noise.dropout, noise.seed + depth + 1)
            step += framed
            step[frame.zeros] = 0
            backs.append(back)
            framed = step
        vectors = frame.unpad(framed)
        slots, slots_back = linear(weights, "slots", vectors, gradient)
        closed_hidden = np.empty((count, settings.hidden), dtype=slots.dtype)
        argmax = np.empty_like(closed_hidden)
        kernels.closed_hidden_forward(slots, weights.read("slots.absent"), bounds, closed_hidden, argmax)
        closed, closed_back = linear(weights, "closed", closed_hidden, gradient)

        def backward(d_closed: Floats, d_slots: Floats) -> None:
            assert gradient is not None
            kernels.closed_hidden_backward(
                closed_back(d_closed), argmax, bounds, d_slots, gradient["slots.absent"]
            )
            d_framed = frame.pad(slots_back(d_slots))
            for depth in reversed(range(settings.depth)):
                d_step = d_framed.copy()
                dropout(d_step, noise.dropout, noise.seed + depth + 1)
                backs[depth](d_step, d_framed)
                d_framed[frame.zeros] = 0
            d_vectors = frame.unpad(d_framed)
            dropout(d_vectors, noise.dropout, noise.seed)
            d_mixed = np.zeros_like(mixed)
            kernels.add_rows(d_vectors, inverse, d_mixed)
            embed_back(mix_back(d_mixed))

        return Encoded(closed, slots, weights.read("open.weight"), weights.read("open.bias")), backward

    def scores(
        self, batch: Batch, longest: int, noise: Noise | None = None, gradient: Parameters | None = None
    ) -> tuple[Floats, Floats, npt.NDArray[np.bool_], Callable[[Floats, Floats], None]]:
        """Return the scores of every state, and the backward pass.

        These are: closed (N, 2L+1), open (N, K-1, 2L), whether each row of open exists (N, K-1), and
        ``backward``, which takes the gradients of closed and open.
        """
        weights, labels = self.weights, self.labels
        if noise is None and gradient is None:  # as in prediction
            encoded, encode_back = self.encode(batch), None
        else:
            encoded, encode_back = self._forward(batch, noise, gradient)
        bounds, lengths = batch.bounds, longest - 1
        count = len(encoded.closed)
        position = np.arange(count) - np.repeat(bounds[:-1], np.diff(bounds))
        exists = position[:, None] > np.arange(lengths)[None, :]
        rows = np.flatnonzero(exists)
        open_: Floats = np.zeros((count * lengths, 2 * labels), dtype=encoded.slots.dtype)
        for begin in range(0, len(rows), STATES):
            states = rows[begin : begin + STATES]
            hidden, _ = self._open_hidden(encoded.slots, states, lengths)
            open_[states] = product(hidden, weights.read("open.weight"), weights.read("open.bias"))

        def backward(d_closed: Floats, d_open: Floats) -> None:
            assert gradient is not None
            assert encode_back is not None
            d_rows = d_open.reshape(count * lengths, 2 * labels)
            # gradients of states that do not exist are ignored; most losses visit few states
            used = rows[(d_rows[rows] != 0).any(axis=1)]
            d_rows = d_rows[used]
            hidden, argmax = self._open_hidden(encoded.slots, used, lengths)
            add_product(hidden.T, d_rows, gradient["open.weight"])
            gradient["open.bias"][...] += d_rows.sum(axis=0)
            d_slots = np.zeros_like(encoded.slots)
            d_hidden = product(d_rows, weights.read("open.weight").T)
            kernels.open_hidden_backward(d_hidden, argmax, used, lengths, d_slots)
            encode_back(d_closed, d_slots)

        open_ = open_.reshape(count, lengths, 2 * labels)
        return encoded.closed, open_, exists, backward

    def _open_hidden(self, slots: Floats, rows: npt.NDArray[np.int64], lengths: int) -> tuple[Floats, Floats]:
        """Return the hidden layer of some open states and its winning pieces, (M, H) each."""
        hidden, argmax = np.empty((2, len(rows), self.settings.hidden), dtype=slots.dtype)
        single = slots.dtype == np.float32
        forward = DENSE.open_hidden if single else kernels.open_hidden_forward
        forward(slots, rows, lengths, hidden, argmax)
        return hidden, argmax

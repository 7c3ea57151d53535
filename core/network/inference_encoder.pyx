# distutils: language = c++
# distutils: include_dirs = core/kernels
# distutils: depends = core/kernels/simd.h
"""``InferenceEncoder``: the network from attributes to scores, for prediction, without the GIL.

What depends on a word form alone is computed once and cached: its mixed embeddings, and their products with
the first block's weights as the first, the middle and the last token of a window. The scores of a text depend
neither on the other texts of a batch nor on earlier batches, bit for bit.

Shapes by letter: N tokens, T texts, W width, P maxout pieces, H hidden, L labels.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memmove, memset

from nerture.core.kernels.dense cimport Dense, PackedWeights
from nerture.core.kernels.hashing cimport mix64
from nerture.core.kernels.int8 cimport Int8Dense, QuantizedRows, QuantizedWeights
from nerture.core.kernels.simd cimport Int8, Isa, Matrix, MaxoutRows, WindowShape
from nerture.core.network.form_cache cimport FormCache
from nerture.core.network.vocabulary cimport UNKNOWN, Vocabulary

import numpy as np

from nerture.core.kernels.dense import DENSE

cdef enum:
    WINDOW = 3           # tokens of a window
    FORMS_AT_ONCE = 256  # forms that are mixed at once
    CACHE_BYTES = 8_000_000
    MAX_FORMS = 50_000


cdef struct Weights:
    # packed weights of one product: either in float32 or quantized, the other pointer is NULL
    const float* panels
    const int32_t* quantized
    WindowShape shape  # of the quantized inputs


cdef struct Layer:
    # linear, maxout, layer norm
    Weights weights
    const float* bias
    const float* gain
    const float* shift
    size_t inputs  # values of an input row


cdef struct Table:
    # an embedding table of one attribute, each row already multiplied by the mixing weights
    const float* rows
    uint64_t size      # rows
    Py_ssize_t column  # of the attribute
    bint identity      # whether values that the vocabulary does not have are replaced


cdef class InferenceEncoder:
    """A snapshot of a network's weights, packed for prediction, with a cache of word forms.

    ``weights`` maps names to float32 blocks (names as in ``network.shapes``), which are copied; ``tables``
    holds (name, attribute column) of each embedded attribute; a token has ``columns`` attributes, and
    ``choices`` rows of each table are summed. With a ``vocabulary``, values of the columns ``identity`` that
    it does not have are replaced by one unknown value. ``dense`` are the kernels, by default those in use.
    With ``int8``, all that is not cached by form (the blocks after the first, the slots) is computed with
    quantized rows and weights, see ``Int8Dense``. Safe to use from many threads.
    """

    cdef readonly object open_weight  # (H, 2L): output layer of the states in which an entity is open
    cdef readonly object open_bias    # (2L)
    cdef readonly FormCache cache     # vectors and products by word form
    cdef dict _blocks                 # name -> copied array; keeps the memory behind the pointers alive
    cdef list _packed                 # packed weights, kept alive likewise
    cdef Vocabulary _vocabulary       # None: every value is known
    cdef Dense _dense                 # float32 kernels
    cdef Int8Dense _int8_dense        # int8 kernels of the same instruction set
    cdef const Isa* _isa              # the C++ side of ``_dense``
    cdef const Int8* _int8            # the C++ side of ``_int8_dense``; NULL: all in float32
    cdef Layer* _layers               # the mixing layer, then the blocks (1 + depth); owned
    cdef Table* _tables               # one for each embedded attribute; owned
    cdef Py_ssize_t _tables_count
    cdef Py_ssize_t _columns          # attributes of a token
    cdef Py_ssize_t _depth            # residual blocks
    cdef Py_ssize_t _width, _pieces, _hidden  # W, P, H
    cdef Py_ssize_t _choices          # rows of a table that are summed for an attribute
    cdef Py_ssize_t _form_floats      # float32 values computed for a form: its vector and its products
    cdef Py_ssize_t _form_bytes       # bytes cached for a form
    cdef Py_ssize_t _capacity         # forms that the cache holds
    cdef Weights _windows[WINDOW]     # first block, by position in the window, (W, P*W) each
    cdef Weights _slots               # (W, 3*2H)
    cdef const float* _slots_bias     # (3*2H)
    cdef const float* _absent         # (2, 2H): slots of an absent open entity and previous token
    cdef Weights _closed              # (H, 2L+1): output layer of the states in which nothing is open
    cdef const float* _closed_bias    # (2L+1)
    cdef Py_ssize_t _actions          # 2L+1

    def __init__(self, weights, tables, Py_ssize_t columns, Py_ssize_t choices, *, Py_ssize_t depth,
                 Py_ssize_t width, Py_ssize_t pieces, Py_ssize_t hidden, bint int8=False, Dense dense=DENSE,
                 Vocabulary vocabulary=None, identity=()):
        cdef Py_ssize_t index, capacity
        self._vocabulary = vocabulary
        self._dense = dense
        self._isa = dense.isa
        self._int8_dense = Int8Dense(dense)
        self._int8 = dense.isa.int8 if int8 else NULL
        self._blocks = {}
        self._packed = []
        self._columns, self._choices, self._tables_count = columns, choices, len(tables)
        self._depth, self._width, self._pieces, self._hidden = depth, width, pieces, hidden
        self._form_floats = width * (1 + WINDOW * pieces) if depth else width
        self._form_bytes = self._form_floats * sizeof(float)
        if self._is_quantized():
            self._form_bytes = self._int8.cached_size(width, pieces)
        capacity = CACHE_BYTES // (self._form_bytes + columns * sizeof(uint64_t))
        self._capacity = min(max(capacity, FORMS_AT_ONCE), MAX_FORMS)
        self.clear_cache()
        self._layers = <Layer*>malloc((1 + depth) * sizeof(Layer))
        self._tables = <Table*>malloc(self._tables_count * sizeof(Table))
        if self._layers == NULL or self._tables == NULL:
            raise MemoryError("no memory for an encoder")
        for index in range(1 + depth):
            name = f"block{index - 1}" if index else "mix"
            if index > 1:  # the mix is multiplied into the tables, products with block 0 are cached by form
                parts = WINDOW if int8 else 0
                self._layers[index].weights = self._pack(weights[f"{name}.weight"], pieces, parts)
                self._layers[index].inputs = len(weights[f"{name}.weight"])
            self._layers[index].bias = self._copy_block(weights, f"{name}.bias")
            self._layers[index].gain = self._copy_block(weights, f"{name}.gain")
            self._layers[index].shift = self._copy_block(weights, f"{name}.shift")
        for index in range(self._tables_count):
            name, column = tables[index]
            mixing = weights["mix.weight"][index * width:(index + 1) * width]
            self._tables[index].rows = self._own(name, dense.multiply(weights[name], mixing))
            self._tables[index].size = len(weights[name])
            self._tables[index].column = column
            self._tables[index].identity = vocabulary is not None and column in identity
        for index in range(WINDOW if depth else 0):
            part = weights["block0.weight"][index * width:(index + 1) * width]
            self._windows[index] = self._pack(part)
        self._slots = self._pack(weights["slots.weight"], 0, 1 if int8 else 0)
        self._slots_bias = self._copy_block(weights, "slots.bias")
        self._absent = self._copy_block(weights, "slots.absent")
        self._closed = self._pack(weights["closed.weight"])
        self._closed_bias = self._copy_block(weights, "closed.bias")
        self._actions = len(weights["closed.bias"])
        self.open_weight, self.open_bias = weights["open.weight"].copy(), weights["open.bias"].copy()

    def __dealloc__(self):
        free(self._layers)
        free(self._tables)

    cdef const float* _copy_block(self, weights, str name) except NULL:
        """Copy a block and return its address."""
        return self._own(name, weights[name].copy())

    cdef const float* _own(self, str name, array) except NULL:
        """Keep an array alive as long as the encoder, and return its address."""
        cdef const float[::1] flat = array.reshape(-1)
        self._blocks[name] = array
        return &flat[0]

    cdef Weights _pack(self, weight, Py_ssize_t pieces=0, Py_ssize_t parts=0) except *:
        """Pack weights: in float32, or, given ``parts`` (rows side by side of an input), quantized."""
        cdef Weights result
        cdef PackedWeights packed
        cdef QuantizedWeights quantized
        result.panels = NULL
        result.quantized = NULL
        if parts:
            quantized = self._int8_dense.pack(weight, parts, pieces)
            result.quantized, result.shape = quantized.data, quantized.shape
            self._packed.append(quantized)
        else:
            packed = self._dense.pack(weight, pieces)
            result.panels = packed.data
            self._packed.append(packed)
        return result

    def clear_cache(self):
        """Clear the cache of word forms (up to 8 MB); safe from any thread."""
        self.cache = FormCache(self._columns, self._form_bytes, self._capacity)

    def encode(self, const uint64_t[:, ::1] attributes, const int64_t[::1] bounds):
        """Return the scores where nothing is open (N, 2L+1), and the slots (N, 3*2H), of a batch of texts.

        ``attributes`` (N, columns); text t has the tokens ``bounds[t]`` to ``bounds[t+1]``.
        """
        cdef Py_ssize_t count = attributes.shape[0]
        cdef Py_ssize_t texts = bounds.shape[0] - 1
        cdef Py_ssize_t width = self._width, hidden = self._hidden
        if attributes.shape[1] != self._columns:
            raise ValueError(f"attributes: expected {self._columns} per token, got {attributes.shape[1]}")
        if bounds[0] != 0 or bounds[texts] != count:
            raise ValueError(f"bounds: expected 0 to {count}, got {bounds[0]} to {bounds[texts]}")
        closed = np.empty((count, self._actions), dtype=np.float32)
        slots = np.empty((count, 6 * hidden), dtype=np.float32)
        if count == 0:
            return closed, slots
        # a row of zeros before, between and after the texts, so that windows never cross texts
        cdef float[:, ::1] first = np.empty((count + texts + 1, width), dtype=np.float32)
        cdef float[:, ::1] second = np.empty((count + texts + 1, width), dtype=np.float32)
        cdef float[:, ::1] hiddens = np.empty((count, hidden), dtype=np.float32)
        cdef float[:, ::1] closed_view = closed
        cdef float[:, ::1] slots_view = slots
        cdef float* rows = &first[0, 0]
        cdef QuantizedRows quantized = None
        cdef const void** cached = <const void**>calloc(count + texts + 1, sizeof(void*))
        cdef char* new = NULL
        cdef bint done = cached != NULL
        cdef FormCache cache = self.cache
        cdef uint64_t batch
        if self._int8 != NULL:
            quantized = self._int8_dense.allocate_rows(count + texts + 1, width)
        with nogil:
            batch = cache.enter()
            done = done and self._look_up(cache, batch, attributes, bounds, cached, &new)
            if done:
                rows = self._run_blocks(bounds, cached, rows, &second[0, 0], quantized)
            cache.leave(batch)
            if done:
                self._compact(bounds, rows)
                self._compute_slots(rows, count, quantized, &slots_view[0, 0])
                self._compute_closed_hidden(bounds, &slots_view[0, 0], &hiddens[0, 0])
                self._isa.product(Matrix(&hiddens[0, 0], hidden, 1), count, hidden, self._closed.panels,
                                  self._actions, self._closed_bias, False, &closed_view[0, 0],
                                  self._actions)
            free(cached)
            free(new)
        if not done:
            raise MemoryError(f"no memory to encode {count} tokens")
        return closed, slots

    cdef bint _look_up(self, FormCache cache, uint64_t batch, const uint64_t[:, ::1] attributes,
                       const int64_t[::1] bounds, const void** cached, char** new) noexcept nogil:
        """Set ``cached`` of each framed row to the cached values of its form; return False without memory.

        ``new`` becomes the memory of the forms that were not in the cache, for the caller to free.
        """
        cdef Py_ssize_t count = attributes.shape[0], missing = 0, index, text, token
        cdef Py_ssize_t* tokens = <Py_ssize_t*>malloc(2 * count * sizeof(Py_ssize_t))
        cdef Py_ssize_t* rows = tokens + count
        cdef bint done = True
        if tokens == NULL:
            return False
        cache.acquire()
        for text in range(bounds.shape[0] - 1):
            for token in range(bounds[text], bounds[text + 1]):
                cached[token + text + 1] = cache.find(&attributes[token, 0], batch)
                if cached[token + text + 1] == NULL:
                    tokens[missing] = token
                    rows[missing] = token + text + 1
                    missing += 1
        cache.release()
        if missing:
            new[0] = <char*>malloc(missing * self._form_bytes)
            done = new[0] != NULL
        index = 0
        while done and index < missing:
            done = self._compute_forms(attributes, tokens + index,
                                       min(missing - index, <Py_ssize_t>FORMS_AT_ONCE),
                                       new[0] + index * self._form_bytes)
            index += FORMS_AT_ONCE
        if done and missing:
            cache.acquire()
            for index in range(missing):
                cached[rows[index]] = new[0] + index * self._form_bytes
                cache.put(&attributes[tokens[index], 0], cached[rows[index]], batch)
            cache.release()
        free(tokens)
        return done

    cdef bint _is_quantized(self) noexcept nogil:
        """Return whether cached products are quantized."""
        return self._int8 != NULL and self._depth > 0

    cdef bint _compute_forms(self, const uint64_t[:, ::1] attributes, const Py_ssize_t* tokens,
                             Py_ssize_t count, char* out) noexcept nogil:
        """Write what is cached of the forms of ``tokens``; return False if there is no memory."""
        cdef bint done
        cdef float* rows
        if not self._is_quantized():
            return self._mix(attributes, tokens, count, <float*>out)
        rows = <float*>malloc(count * self._form_floats * sizeof(float))
        done = rows != NULL and self._mix(attributes, tokens, count, rows)
        if done:
            self._int8.pack_cached(rows, count, self._width, self._pieces, out)
        free(rows)
        return done

    cdef bint _mix(self, const uint64_t[:, ::1] attributes, const Py_ssize_t* tokens, Py_ssize_t count,
                   float* out) noexcept nogil:
        """Write vector and products of the forms of ``tokens``; return False if there is no memory."""
        cdef Py_ssize_t index, table, choice, part
        cdef Py_ssize_t width = self._width
        cdef Py_ssize_t columns = self._pieces * width
        cdef Py_ssize_t parts = self._tables_count * self._choices
        cdef uint64_t attribute, row
        cdef Layer* mix = &self._layers[0]
        cdef const float** rows = <const float**>calloc(count * parts, sizeof(float*))
        cdef const float** chosen = rows
        if rows == NULL:
            return False
        for index in range(count):
            for table in range(self._tables_count):
                attribute = attributes[tokens[index], self._tables[table].column]
                if attribute != 0 and self._tables[table].identity and self._vocabulary.count(attribute) == 0:
                    attribute = UNKNOWN
                for choice in range(self._choices if attribute != 0 else 0):
                    row = mix64(attribute + <uint64_t>choice) % self._tables[table].size
                    chosen[choice] = self._tables[table].rows + row * columns
                chosen += self._choices
        self._isa.summed_maxout_norm(rows, parts, count, width, self._pieces, mix.bias, mix.gain, mix.shift,
                                     out, self._form_floats)
        for part in range(WINDOW if self._depth else 0):
            self._isa.product(Matrix(out, self._form_floats, 1), count, width, self._windows[part].panels,
                              columns, NULL, False, out + width + part * columns, self._form_floats)
        free(rows)
        return True

    cdef void _run_layer(self, Py_ssize_t index, Matrix inputs, size_t rows, const float* residual,
                         float* out, Py_ssize_t out_step, QuantizedRows quantized) noexcept nogil:
        """Run a layer; if its weights are quantized, on the rows in ``quantized`` instead of ``inputs``."""
        cdef MaxoutRows to
        cdef Layer* layer = &self._layers[index]
        to.out, to.out_step = out, out_step
        to.residual, to.residual_step = residual, self._width
        to.argmax = to.normed = to.scale = NULL
        if layer.weights.quantized != NULL:
            self._int8.maxout_norm(quantized.windows(layer.weights.shape), rows, layer.weights.quantized,
                                   self._width, self._pieces, layer.bias, layer.gain, layer.shift, to)
        else:
            self._isa.maxout_norm(inputs, rows, layer.inputs, layer.weights.panels, self._width,
                                  self._pieces, layer.bias, layer.gain, layer.shift, to)

    cdef void _compute_slots(self, const float* rows, Py_ssize_t count, QuantizedRows quantized,
                             float* slots) noexcept nogil:
        cdef Py_ssize_t columns = 6 * self._hidden
        if self._slots.quantized != NULL:
            quantized.fill(rows, count)
            self._int8.product(quantized.windows(self._slots.shape), count, self._slots.quantized, columns,
                               self._slots_bias, slots, columns)
        else:
            self._isa.product(Matrix(rows, self._width, 1), count, self._width, self._slots.panels, columns,
                              self._slots_bias, False, slots, columns)

    cdef float* _run_blocks(self, const int64_t[::1] bounds, const void* const* cached, float* current,
                            float* following, QuantizedRows quantized) noexcept nogil:
        """Run the residual blocks over framed rows, between two arrays in turn; return the last block's."""
        cdef Py_ssize_t index
        cdef Py_ssize_t width = self._width
        cdef Py_ssize_t texts = bounds.shape[0] - 1
        cdef Py_ssize_t rows = bounds[texts] + texts + 1
        cdef Layer* first = &self._layers[1]
        if self._is_quantized():
            self._int8.cached_maxout_norm(cached, rows, width, self._pieces, first.bias, first.gain,
                                          first.shift, current)
        elif self._depth:
            self._isa.cached_maxout_norm(cached, rows, width, self._pieces, first.bias, first.gain,
                                         first.shift, current)
        else:
            for index in range(rows):
                if cached[index] != NULL:
                    memcpy(current + index * width, cached[index], width * sizeof(float))
        self._clear_frame(bounds, current)
        for index in range(2, 1 + self._depth):
            if self._int8 != NULL:
                quantized.fill(current, rows)
            self._run_layer(index, Matrix(current, width, 1), rows - 2, current + width, following + width,
                            width, quantized)
            self._clear_frame(bounds, following)
            current, following = following, current
        return current

    cdef void _clear_frame(self, const int64_t[::1] bounds, float* framed) noexcept nogil:
        """Zero the rows before, between and after the texts."""
        cdef Py_ssize_t text
        for text in range(bounds.shape[0]):
            memset(framed + (bounds[text] + text) * self._width, 0, self._width * sizeof(float))

    cdef void _compact(self, const int64_t[::1] bounds, float* framed) noexcept nogil:
        """Move the tokens' rows to the front of the array, dropping the rows of zeros."""
        cdef Py_ssize_t text
        for text in range(bounds.shape[0] - 1):
            memmove(framed + bounds[text] * self._width, framed + (bounds[text] + text + 1) * self._width,
                    (bounds[text + 1] - bounds[text]) * self._width * sizeof(float))

    cdef void _compute_closed_hidden(self, const int64_t[::1] bounds, const float* slots,
                                     float* hiddens) noexcept nogil:
        """Write the hidden layer (N, H) of the states in which nothing is open."""
        cdef Py_ssize_t text, token
        cdef Py_ssize_t size = 2 * self._hidden
        cdef const float* before
        for text in range(bounds.shape[0] - 1):
            for token in range(bounds[text], bounds[text + 1]):
                before = slots + (token - 1) * 3 * size + 2 * size
                if token == bounds[text]:
                    before = self._absent + size
                self._isa.sum_maxout(slots + token * 3 * size, self._absent, before, self._hidden,
                                     hiddens + token * self._hidden, NULL)

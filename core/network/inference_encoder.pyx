# distutils: language = c++
# distutils: include_dirs = core/kernels
# distutils: depends = core/kernels/simd.h
"""``InferenceEncoder``: the network's way from attributes to scores at prediction, without the GIL.

What depends on a word form alone is computed once and kept: its mixed embeddings, and their products with the
first block's weights as the first, the middle and the last of a window. What is computed of a text does not
depend on the texts beside it, nor on what was computed before, bit for bit.

Shapes by letter: N tokens, T texts, W width, P maxout pieces, H hidden, L labels.
"""

from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport memcpy, memmove, memset

from nerture.core.kernels.dense cimport Dense, Panels
from nerture.core.network.form_cache cimport FormCache
from nerture.core.kernels.hashing cimport mix64
from nerture.core.kernels.int8 cimport Int8Dense, StepPanels, Steps
from nerture.core.kernels.simd cimport Int8, Level, Matrix, MaxoutRows, StepShape
from nerture.core.network.vocabulary cimport UNKNOWN, Vocabulary

import numpy as np

from nerture.core.kernels.dense import DENSE

cdef enum:
    WINDOW = 3
    MISSING = 256  # forms that are mixed at once
    CACHE_BYTES = 8_000_000
    MAX_FORMS = 50_000


cdef struct Weights:
    # of one product, laid out for it: in float32, or in whole steps
    const float* panels
    const int32_t* steps
    StepShape shape


cdef struct Layer:
    # linear, maxout, layer norm
    Weights weights
    const float* bias
    const float* gain
    const float* shift
    size_t inputs


cdef struct Table:
    # of one attribute: its rows' products with the mixing weights
    const float* rows
    uint64_t size
    Py_ssize_t column
    bint identity  # the vocabulary says which values are known


cdef class InferenceEncoder:
    """A snapshot of a network's weights, laid out for prediction, with a cache of word forms.

    ``weights`` maps names to float32 blocks (as ``network.shapes`` names them); ``tables`` are (name, column
    of the attributes) of each embedded attribute, ``columns`` how many attributes a token has; ``choices``
    rows are summed of each table. With a ``vocabulary``, one value stands for all those of the columns
    ``identity`` that it does not have. ``dense`` are the kernels, by default those in use. The arrays that
    it is given are copied. With ``int8``, what is computed of every token anew (the blocks after the first,
    the slots) is computed of rows and weights in whole steps, see ``Int8Dense``. Safe from many threads.
    """

    cdef readonly object open_weight
    cdef readonly object open_bias
    cdef readonly FormCache cache
    cdef dict _blocks
    cdef list _panels
    cdef Vocabulary _vocabulary
    cdef Dense _dense
    cdef Int8Dense _int8_dense
    cdef const Level* _level
    cdef const Int8* _int8  # NULL: in float32
    cdef Layer* _layers
    cdef Table* _tables
    cdef Py_ssize_t _columns, _tables_count, _depth, _width, _pieces, _hidden, _choices
    cdef Py_ssize_t _floats  # that are worked out of a form: its vector, its products
    cdef Py_ssize_t _kept  # bytes that are kept of them
    cdef Py_ssize_t _capacity
    cdef Weights _windows[WINDOW]
    cdef Weights _slots
    cdef const float* _slots_bias
    cdef const float* _absent
    cdef Weights _closed
    cdef const float* _closed_bias
    cdef Py_ssize_t _actions

    def __init__(self, weights, tables, Py_ssize_t columns, Py_ssize_t choices, *, Py_ssize_t depth,
                 Py_ssize_t width, Py_ssize_t pieces, Py_ssize_t hidden, bint int8=False, Dense dense=DENSE,
                 Vocabulary vocabulary=None, identity=()):
        cdef Py_ssize_t index, capacity
        self._vocabulary = vocabulary
        self._dense = dense
        self._level = dense.level
        self._int8_dense = Int8Dense(dense)
        self._int8 = dense.level.int8 if int8 else NULL
        self._blocks = {}
        self._panels = []
        self._columns, self._choices, self._tables_count = columns, choices, len(tables)
        self._depth, self._width, self._pieces, self._hidden = depth, width, pieces, hidden
        self._floats = width * (1 + WINDOW * pieces) if depth else width
        self._kept = self._floats * sizeof(float)
        if self._in_steps():
            self._kept = self._int8.kept_size(width, pieces)
        capacity = CACHE_BYTES // (self._kept + columns * sizeof(uint64_t))
        self._capacity = min(max(capacity, MISSING), MAX_FORMS)
        self.forget()
        self._layers = <Layer*>malloc((1 + depth) * sizeof(Layer))
        self._tables = <Table*>malloc(self._tables_count * sizeof(Table))
        if self._layers == NULL or self._tables == NULL:
            raise MemoryError("no memory for an encoder")
        for index in range(1 + depth):
            name = f"block{index - 1}" if index else "mix"
            if index > 1:  # the products of the first block are kept by form, the mixing ones by row
                parts = WINDOW if int8 else 0
                self._layers[index].weights = self._packed(weights[f"{name}.weight"], pieces, parts)
                self._layers[index].inputs = len(weights[f"{name}.weight"])
            self._layers[index].bias = self._block(weights, f"{name}.bias")
            self._layers[index].gain = self._block(weights, f"{name}.gain")
            self._layers[index].shift = self._block(weights, f"{name}.shift")
        for index in range(self._tables_count):
            name, column = tables[index]
            mixing = weights["mix.weight"][index * width:(index + 1) * width]
            self._tables[index].rows = self._owned(name, dense.multiplied(weights[name], mixing))
            self._tables[index].size = len(weights[name])
            self._tables[index].column = column
            self._tables[index].identity = vocabulary is not None and column in identity
        for index in range(WINDOW if depth else 0):
            part = weights["block0.weight"][index * width:(index + 1) * width]
            self._windows[index] = self._packed(part)
        self._slots = self._packed(weights["slots.weight"], 0, 1 if int8 else 0)
        self._slots_bias = self._block(weights, "slots.bias")
        self._absent = self._block(weights, "slots.absent")
        self._closed = self._packed(weights["closed.weight"])
        self._closed_bias = self._block(weights, "closed.bias")
        self._actions = len(weights["closed.bias"])
        self.open_weight, self.open_bias = weights["open.weight"].copy(), weights["open.bias"].copy()

    def __dealloc__(self):
        free(self._layers)
        free(self._tables)

    cdef const float* _block(self, weights, str name) except NULL:
        """Copy a block and return where it is."""
        return self._owned(name, weights[name].copy())

    cdef const float* _owned(self, str name, array) except NULL:
        """Keep an array as long as the encoder lives, and return where it is."""
        cdef const float[::1] flat = array.reshape(-1)
        self._blocks[name] = array
        return &flat[0]

    cdef Weights _packed(self, weight, Py_ssize_t pieces=0, Py_ssize_t parts=0) except *:
        """Lay weights out for products in float32; those of ``parts`` rows side by side, in whole steps."""
        cdef Weights result
        cdef Panels panels
        cdef StepPanels steps
        result.panels = NULL
        result.steps = NULL
        if parts:
            steps = self._int8_dense.panels(weight, parts, pieces)
            result.steps, result.shape = steps.data, steps.shape
            self._panels.append(steps)
        else:
            panels = self._dense.panels(weight, pieces)
            result.panels = panels.data
            self._panels.append(panels)
        return result

    def forget(self):
        """Begin the cache of word forms anew, which lets go of up to 8 MB; from any thread."""
        self.cache = FormCache(self._columns, self._kept, self._capacity)

    def encode(self, const uint64_t[:, ::1] attributes, const int64_t[::1] bounds):
        """Return the scores where nothing is open (N, 2L+1), and the slots (N, 3*2H), of a batch of texts.

        ``attributes`` (N, columns); text t has the tokens ``bounds[t]`` to ``bounds[t+1]``.
        """
        cdef Py_ssize_t count = attributes.shape[0]
        cdef Py_ssize_t texts = bounds.shape[0] - 1
        cdef Py_ssize_t width = self._width, hidden = self._hidden
        if attributes.shape[1] != self._columns:
            raise ValueError(f"attributes: found {attributes.shape[1]} a token, expected are {self._columns}")
        if bounds[0] != 0 or bounds[texts] != count:
            raise ValueError(f"bounds: found {bounds[0]} to {bounds[texts]}, expected is 0 to {count}")
        closed = np.empty((count, self._actions), dtype=np.float32)
        slots = np.empty((count, 6 * hidden), dtype=np.float32)
        if count == 0:
            return closed, slots
        # a row of zeros before, between and after the texts: a token's window is a row of its own
        cdef float[:, ::1] first = np.empty((count + texts + 1, width), dtype=np.float32)
        cdef float[:, ::1] second = np.empty((count + texts + 1, width), dtype=np.float32)
        cdef float[:, ::1] hiddens = np.empty((count, hidden), dtype=np.float32)
        cdef float[:, ::1] closed_view = closed
        cdef float[:, ::1] slots_view = slots
        cdef float* here = &first[0, 0]
        cdef float* there = &second[0, 0]
        cdef Steps steps = None if self._int8 == NULL else self._int8_dense.steps(count + texts + 1, width)
        cdef const void** known = <const void**>calloc(count + texts + 1, sizeof(void*))
        cdef char* new = NULL
        cdef bint done = known != NULL
        cdef FormCache cache = self.cache
        cdef uint64_t batch
        with nogil:
            batch = cache.enter()
            done = done and self._look_up(cache, batch, attributes, bounds, known, &new)
            if done:
                here = self._blocks_of(bounds, known, here, there, steps)
            cache.leave(batch)
            if done:
                self._compact(bounds, here)
                self._slots_of(here, count, steps, &slots_view[0, 0])
                self._closed_hidden(bounds, &slots_view[0, 0], &hiddens[0, 0])
                self._level.product(Matrix(&hiddens[0, 0], hidden, 1), count, hidden, self._closed.panels,
                                    self._actions, self._closed_bias, False, &closed_view[0, 0],
                                    self._actions)
            free(known)
            free(new)
        if not done:
            raise MemoryError(f"no memory to encode {count} tokens")
        return closed, slots

    cdef bint _look_up(self, FormCache cache, uint64_t batch, const uint64_t[:, ::1] attributes,
                       const int64_t[::1] bounds, const void** known, char** new) noexcept nogil:
        """Say of each framed row where what is known of its form is; False when there is no memory.

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
                known[token + text + 1] = cache.find(&attributes[token, 0], batch)
                if known[token + text + 1] == NULL:
                    tokens[missing] = token
                    rows[missing] = token + text + 1
                    missing += 1
        cache.release()
        if missing:
            new[0] = <char*>malloc(missing * self._kept)
            done = new[0] != NULL
        index = 0
        while done and index < missing:
            done = self._know(attributes, tokens + index, min(missing - index, <Py_ssize_t>MISSING),
                              new[0] + index * self._kept)
            index += MISSING
        if done and missing:
            cache.acquire()
            for index in range(missing):
                known[rows[index]] = new[0] + index * self._kept
                cache.keep(&attributes[tokens[index], 0], known[rows[index]], batch)
            cache.release()
        free(tokens)
        return done

    cdef bint _in_steps(self) noexcept nogil:
        """Say whether products are kept in whole steps."""
        return self._int8 != NULL and self._depth > 0

    cdef bint _know(self, const uint64_t[:, ::1] attributes, const Py_ssize_t* tokens, Py_ssize_t count,
                    char* out) noexcept nogil:
        """Work out what is kept of the forms of some tokens; False when there is no memory."""
        cdef bint done
        cdef float* rows
        if not self._in_steps():
            return self._mix(attributes, tokens, count, <float*>out)
        rows = <float*>malloc(count * self._floats * sizeof(float))
        done = rows != NULL and self._mix(attributes, tokens, count, rows)
        if done:
            self._int8.keep(rows, count, self._width, self._pieces, out)
        free(rows)
        return done

    cdef bint _mix(self, const uint64_t[:, ::1] attributes, const Py_ssize_t* tokens, Py_ssize_t count,
                   float* out) noexcept nogil:
        """Write vector and products of the forms of some tokens; False when there is no memory."""
        cdef Py_ssize_t index, table, choice, place
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
        self._level.summed_maxout_norm(rows, parts, count, width, self._pieces, mix.bias, mix.gain, mix.shift,
                                       out, self._floats)
        for place in range(WINDOW if self._depth else 0):
            self._level.product(Matrix(out, self._floats, 1), count, width, self._windows[place].panels,
                                columns, NULL, False, out + width + place * columns, self._floats)
        free(rows)
        return True

    cdef void _layer(self, Py_ssize_t index, Matrix inputs, size_t rows, const float* residual,
                     float* out, Py_ssize_t out_step, Steps steps) noexcept nogil:
        """Run a layer; where its weights are in steps, so are its inputs, and their rows are in ``steps``."""
        cdef MaxoutRows to
        cdef Layer* layer = &self._layers[index]
        to.out, to.out_step = out, out_step
        to.residual, to.residual_step = residual, self._width
        to.which = to.normed = to.scale = NULL
        if layer.weights.steps != NULL:
            self._int8.maxout_norm(steps.windows(layer.weights.shape), rows, layer.weights.steps, self._width,
                                   self._pieces, layer.bias, layer.gain, layer.shift, to)
        else:
            self._level.maxout_norm(inputs, rows, layer.inputs, layer.weights.panels, self._width,
                                    self._pieces, layer.bias, layer.gain, layer.shift, to)

    cdef void _slots_of(self, const float* rows, Py_ssize_t count, Steps steps, float* slots) noexcept nogil:
        cdef Py_ssize_t columns = 6 * self._hidden
        if self._slots.steps != NULL:
            steps.fill(rows, count)
            self._int8.product(steps.windows(self._slots.shape), count, self._slots.steps, columns,
                               self._slots_bias, slots, columns)
        else:
            self._level.product(Matrix(rows, self._width, 1), count, self._width, self._slots.panels, columns,
                                self._slots_bias, False, slots, columns)

    cdef float* _blocks_of(self, const int64_t[::1] bounds, const void* const* known, float* here,
                           float* there, Steps steps) noexcept nogil:
        """Run the residual blocks over framed rows, from one array to the other; return the last one's."""
        cdef Py_ssize_t index
        cdef Py_ssize_t width = self._width
        cdef Py_ssize_t texts = bounds.shape[0] - 1
        cdef Py_ssize_t rows = bounds[texts] + texts + 1
        cdef Layer* first = &self._layers[1]
        if self._in_steps():
            self._int8.known_maxout_norm(known, rows, width, self._pieces, first.bias, first.gain,
                                         first.shift, here)
        elif self._depth:
            self._level.known_maxout_norm(known, rows, width, self._pieces, first.bias, first.gain,
                                          first.shift, here)
        else:
            for index in range(rows):
                if known[index] != NULL:
                    memcpy(here + index * width, known[index], width * sizeof(float))
        self._clear_frame(bounds, here)
        for index in range(2, 1 + self._depth):
            if self._int8 != NULL:
                steps.fill(here, rows)
            self._layer(index, Matrix(here, width, 1), rows - 2, here + width, there + width, width, steps)
            self._clear_frame(bounds, there)
            here, there = there, here
        return here

    cdef void _clear_frame(self, const int64_t[::1] bounds, float* framed) noexcept nogil:
        cdef Py_ssize_t text
        for text in range(bounds.shape[0]):
            memset(framed + (bounds[text] + text) * self._width, 0, self._width * sizeof(float))

    cdef void _compact(self, const int64_t[::1] bounds, float* framed) noexcept nogil:
        """Move the rows of the tokens together, at the array's beginning."""
        cdef Py_ssize_t text
        for text in range(bounds.shape[0] - 1):
            memmove(framed + bounds[text] * self._width, framed + (bounds[text] + text + 1) * self._width,
                    (bounds[text + 1] - bounds[text]) * self._width * sizeof(float))

    cdef void _closed_hidden(self, const int64_t[::1] bounds, const float* slots,
                             float* hiddens) noexcept nogil:
        """Hidden layer of the states in which nothing is open (N, H)."""
        cdef Py_ssize_t text, token
        cdef Py_ssize_t size = 2 * self._hidden
        cdef const float* before
        for text in range(bounds.shape[0] - 1):
            for token in range(bounds[text], bounds[text + 1]):
                before = slots + (token - 1) * 3 * size + 2 * size
                if token == bounds[text]:
                    before = self._absent + size
                self._level.sum_largest(slots + token * 3 * size, self._absent, before, self._hidden,
                                        hiddens + token * self._hidden, NULL)

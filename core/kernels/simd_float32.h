// The float32 kernels for one instruction set. simd.cpp includes this file once for each, inside a namespace that
// defines: LANES, floats in a vector; REGISTERS, vectors available for a tile's sums; `fused(a, b, c)`, a * b + c;
// `root(a)`, the square roots.

constexpr std::size_t PRODUCT_VECTORS = 3;  // width of a block of `product`, in vectors
constexpr std::size_t ROW_CHUNK = 64;       // rows that stay in the L1 cache while the panels stream past
constexpr std::size_t PACK_CHUNK = 32;      // rows of a panel that are packed from one stretch of memory
constexpr std::size_t SUMS = 16;            // partial sums of a row, whatever the width of a vector
constexpr std::size_t LINE = 64;            // bytes of a cache line
constexpr std::size_t AHEAD = 3;            // rows to prefetch
constexpr float NORM_EPSILON = 1e-5f;       // keeps the layer norm of a constant row finite

typedef float Unaligned __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

typedef std::uint32_t Bits __attribute__((vector_size(LANES * 4)));
typedef std::int32_t Ints __attribute__((vector_size(LANES * 4)));

static inline Vector load(const float* from) { return *reinterpret_cast<const Unaligned*>(from); }
static inline void store(float* to, Vector value) { *reinterpret_cast<Unaligned*>(to) = value; }
static inline Vector splat(float value) { return value - Vector{}; }

// The first `count` lanes; the others are 0.
static inline Vector load_first(const float* from, std::size_t count) {
    float lanes[LANES] = {};
    for (std::size_t lane = 0; lane < count; ++lane) lanes[lane] = from[lane];
    return load(lanes);
}

static inline void store_first(float* to, Vector value, std::size_t count) {
    float lanes[LANES];
    store(lanes, value);
    for (std::size_t lane = 0; lane < count; ++lane) to[lane] = lanes[lane];
}

static inline Vector load_at_most(const float* from, std::size_t count) {
    return count >= LANES ? load(from) : load_first(from, count);
}

static inline void store_at_most(float* to, Vector value, std::size_t count) {
    if (count >= LANES) store(to, value);
    else store_first(to, value, count);
}

constexpr int rows_of_tile(int vectors) {
    return 8 * vectors <= REGISTERS ? 8 : 4 * vectors <= REGISTERS ? 4 : 2 * vectors <= REGISTERS ? 2 : 1;
}

// sum[r][v] = the products of R rows and V vectors of columns, over `depth` in order.
template <int R, int V>
static inline __attribute__((always_inline)) void tile(const float* left, std::ptrdiff_t row_step,
                                                       std::ptrdiff_t step, std::size_t depth,
                                                       const float* panel, Vector (&sum)[R][V]) {
    for (int r = 0; r < R; ++r)
        for (int v = 0; v < V; ++v) sum[r][v] = Vector{};
    for (std::size_t k = 0; k < depth; ++k) {
        Vector column[V];
        for (int v = 0; v < V; ++v) column[v] = load(panel + v * LANES);
        for (int r = 0; r < R; ++r) {
            const Vector value = splat(left[r * row_step]);
            for (int v = 0; v < V; ++v) sum[r][v] = fused(value, column[v], sum[r][v]);
        }
        left += step;
        panel += V * LANES;
    }
}

// Call `run.template rows<R>(row)` for all rows, R at a time, then for the rest with half of R.
template <int R, class Run>
static inline __attribute__((always_inline)) void for_each_tile(std::size_t row, std::size_t end, Run& run) {
    for (; row + R <= end; row += R) run.template rows<R>(row);
    if constexpr (R > 1) for_each_tile<R / 2>(row, end, run);
}

// ---- packing -----------------------------------------------------------------------------------------------

static inline std::size_t round_up_to_vectors(std::size_t count) { return (count + LANES - 1) / LANES * LANES; }

static std::size_t panel_size(std::size_t depth, std::size_t columns, std::size_t pieces) {
    const std::size_t groups = pieces ? pieces : 1;
    return round_up_to_vectors(columns / groups) * groups * depth;
}

// Pack one vector of columns, `count` of which exist; the vectors of consecutive k are `to_step` floats apart.
static void pack_vector(Matrix right, std::size_t column, std::size_t begin, std::size_t end, std::size_t count,
                        float* to, std::size_t to_step) {
    const float* from = right.data + column * right.column_step;
    if (right.column_step == 1 && count >= LANES) {
        for (std::size_t k = begin; k < end; ++k) store(to + k * to_step, load(from + k * right.row_step));
        return;
    }
    for (std::size_t lane = 0; lane < LANES; ++lane)
        for (std::size_t k = begin; k < end; ++k)
            to[k * to_step + lane] =
                lane < count ? from[k * right.row_step + lane * right.column_step] : 0.0f;
}

static void pack(Matrix right, std::size_t depth, std::size_t columns, std::size_t pieces, float* panels) {
    const std::size_t width = pieces ? columns / pieces : columns;
    const std::size_t step = pieces ? LANES : PRODUCT_VECTORS * LANES;  // columns of a block
    for (std::size_t column = 0; column < width; column += step) {
        const std::size_t remaining = (width - column + LANES - 1) / LANES;
        const std::size_t vectors = pieces ? pieces : remaining < PRODUCT_VECTORS ? remaining : PRODUCT_VECTORS;
        for (std::size_t k = 0; k < depth; k += PACK_CHUNK) {
            const std::size_t end = depth - k < PACK_CHUNK ? depth : k + PACK_CHUNK;
            for (std::size_t v = 0; v < vectors; ++v) {
                const std::size_t within = pieces ? column : column + v * LANES;
                pack_vector(right, pieces ? v * width + column : within, k, end, width - within,
                            panels + v * LANES, vectors * LANES);
            }
        }
        panels += vectors * LANES * depth;
    }
}

// ---- product -----------------------------------------------------------------------------------------------

// Writes the sums of R rows of a block of V vectors to the output of `product`.
template <int V>
struct ProductSink {
    std::size_t columns;  // from the block's first on
    const float* bias;
    bool add;
    float* out;
    std::ptrdiff_t out_step;

    template <int R>
    inline __attribute__((always_inline)) void rows(std::size_t row, const Vector (&sum)[R][V]) {
        for (int r = 0; r < R; ++r) {
            float* to = out + (row + r) * out_step;
            for (int v = 0; v < V; ++v) {
                const std::size_t count = columns - v * LANES;
                Vector value = sum[r][v];
                if (bias) value += load_at_most(bias + v * LANES, count);
                if (add) value += load_at_most(to + v * LANES, count);
                store_at_most(to + v * LANES, value, count);
            }
        }
    }
};

// Call `run(first row, end row, ProductSink, first column)` for the blocks of a chunk of rows, then of the next.
template <class Run>
static inline __attribute__((always_inline)) void for_each_block(std::size_t rows, std::size_t columns,
                                                                 const float* bias, bool add, float* out,
                                                                 std::ptrdiff_t out_step, Run run) {
    for (std::size_t row = 0; row < rows; row += ROW_CHUNK) {
        const std::size_t end = rows - row < ROW_CHUNK ? rows : row + ROW_CHUNK;
        for (std::size_t column = 0; column < columns; column += PRODUCT_VECTORS * LANES) {
            const float* offset = bias ? bias + column : nullptr;
            const std::size_t remaining = columns - column;
            float* to = out + column;
            if (remaining > 2 * LANES) run(row, end, ProductSink<3>{remaining, offset, add, to, out_step}, column);
            else if (remaining > LANES) run(row, end, ProductSink<2>{remaining, offset, add, to, out_step}, column);
            else run(row, end, ProductSink<1>{remaining, offset, add, to, out_step}, column);
        }
    }
}

// Tiles of a product, V vectors wide, and the sink that writes them: `To` is ProductSink or MaxoutSink.
template <int V, template <int> class To>
struct Tiles {
    Matrix left;
    std::size_t depth;
    const float* panel;
    To<V> to;

    template <int R>
    inline __attribute__((always_inline)) void rows(std::size_t row) {
        Vector sum[R][V];
        tile<R, V>(left.data + row * left.row_step, left.row_step, left.column_step, depth, panel, sum);
        to.template rows<R>(row, sum);
    }
};

template <int V, template <int> class To>
static __attribute__((noinline)) void tiles(std::size_t row, std::size_t end, Matrix left, std::size_t depth,
                                            const float* panel, To<V> to) {
    Tiles<V, To> run{left, depth, panel, to};
    for_each_tile<rows_of_tile(V)>(row, end, run);
}

static void product(Matrix left, std::size_t rows, std::size_t depth, const float* panels, std::size_t columns,
                    const float* bias, bool add, float* out, std::ptrdiff_t out_step) {
    for_each_block(rows, columns, bias, add, out, out_step, [=](auto row, auto end, auto to, auto column) {
        tiles(row, end, left, depth, panels + column * depth, to);
    });
}

// ---- rows --------------------------------------------------------------------------------------------------

// Join the upper half of the lanes to the lower half, and so on, until one lane is left.
template <class Lanes, class Join>
static inline __attribute__((always_inline)) float fold(Lanes lanes, Join join) {
    constexpr std::size_t count = sizeof(Lanes) / sizeof(float);
    if constexpr (count == 16)
        return fold(join(__builtin_shufflevector(lanes, lanes, 0, 1, 2, 3, 4, 5, 6, 7),
                         __builtin_shufflevector(lanes, lanes, 8, 9, 10, 11, 12, 13, 14, 15)),
                    join);
    else if constexpr (count == 8)
        return fold(join(__builtin_shufflevector(lanes, lanes, 0, 1, 2, 3),
                         __builtin_shufflevector(lanes, lanes, 4, 5, 6, 7)),
                    join);
    else return join(join(lanes[0], lanes[2]), join(lanes[1], lanes[3]));
}

// Sixteen partial sums, added up half by half: in the same order on every machine.
struct Sums {
    Vector part[SUMS / LANES] = {};

    inline float total() const {
        Vector sums[SUMS / LANES];
        for (std::size_t v = 0; v < SUMS / LANES; ++v) sums[v] = part[v];
        for (std::size_t half = SUMS / LANES / 2; half > 0; half /= 2)
            for (std::size_t v = 0; v < half; ++v) sums[v] += sums[v + half];
        return fold(sums[0], [](auto a, auto b) { return a + b; });
    }
};

// Call `run(number of the vector within SUMS, first column, remaining columns)` for each vector of a row.
template <class Run>
static inline __attribute__((always_inline)) void for_each_vector(std::size_t width, Run run) {
    std::size_t column = 0;
    for (; column + SUMS <= width; column += SUMS)
        for (std::size_t v = 0; v < SUMS / LANES; ++v) run(v, column + v * LANES, LANES);
    for (std::size_t v = 0; column < width; ++v, column += LANES)
        run(v, column, width - column < LANES ? width - column : LANES);
}

// The first `count` lanes; the others become 0.
static inline Vector zero_tail(Vector value, std::size_t count) {
    if (count >= LANES) return value;
    float lanes[LANES];
    store(lanes, value);
    return load_first(lanes, count);
}

// Layer norm of a row in place (Ba et al. 2016), times gain, plus shift, plus residual.
static void normalise(float* row, std::size_t width, const float* gain, const float* shift,
                      const float* residual, float* normed, float* scale) {
    Sums sums, squares;
    for_each_vector(width, [&](std::size_t v, std::size_t column, std::size_t count) {
        sums.part[v] += load_at_most(row + column, count);
    });
    const Vector mean = splat(sums.total() / width);
    for_each_vector(width, [&](std::size_t v, std::size_t column, std::size_t count) {
        const Vector centred = zero_tail(load_at_most(row + column, count) - mean, count);
        store_at_most(row + column, centred, count);
        squares.part[v] = fused(centred, centred, squares.part[v]);
    });
    const float rate = 1.0f / std::sqrt(squares.total() / width + NORM_EPSILON);
    if (scale) *scale = rate;
    for_each_vector(width, [&](std::size_t, std::size_t column, std::size_t count) {
        const Vector value = load_at_most(row + column, count) * splat(rate);
        if (normed) store_at_most(normed + column, value, count);
        Vector result = fused(load_at_most(gain + column, count), value, load_at_most(shift + column, count));
        if (residual) result += load_at_most(residual + column, count);
        store_at_most(row + column, result, count);
    });
}

// ---- maxout (Goodfellow et al. 2013) -----------------------------------------------------------------------

// Writes the largest piece of each output: R rows of a vector of outputs, P pieces each.
template <int P>
struct MaxoutSink {
    std::size_t columns;  // outputs from this vector's first on
    const float* bias;
    std::size_t piece_step;  // floats from a piece's bias to the next piece's
    float* out;
    std::ptrdiff_t out_step;
    float* argmax;
    std::ptrdiff_t argmax_step;

    template <int R>
    inline __attribute__((always_inline)) void rows(std::size_t row, Vector (&sum)[R][P]) {
        for (int p = 0; p < P; ++p) {
            const Vector offset = load_at_most(bias + p * piece_step, columns);
            for (int r = 0; r < R; ++r) sum[r][p] += offset;
        }
        for (int r = 0; r < R; ++r) {
            Vector best = sum[r][0], number = Vector{};
            for (int p = 1; p < P; ++p) {
                number = sum[r][p] > best ? splat(static_cast<float>(p)) : number;  // the first wins a tie
                best = sum[r][p] > best ? sum[r][p] : best;
            }
            store_at_most(out + (row + r) * out_step, best, columns);
            if (argmax) store_at_most(argmax + (row + r) * argmax_step, number, columns);
        }
    }
};

// Call `run(first row, end row, MaxoutSink, first output)` for the outputs of a chunk of rows, normalise these rows,
// then do the same for the next chunk.
template <int P, class Run>
static inline __attribute__((always_inline)) void for_each_output(std::size_t rows, std::size_t width,
                                                                  const float* bias, const float* gain,
                                                                  const float* shift, MaxoutRows to, Run run) {
    for (std::size_t row = 0; row < rows; row += ROW_CHUNK) {
        const std::size_t end = rows - row < ROW_CHUNK ? rows : row + ROW_CHUNK;
        for (std::size_t column = 0; column < width; column += LANES)
            run(row, end,
                MaxoutSink<P>{width - column, bias + column, width, to.out + column, to.out_step,
                           to.argmax ? to.argmax + column : nullptr, static_cast<std::ptrdiff_t>(width)},
                column);
        for (std::size_t r = row; r < end; ++r)
            normalise(to.out + r * to.out_step, width, gain, shift,
                      to.residual ? to.residual + r * to.residual_step : nullptr,
                      to.normed ? to.normed + r * width : nullptr, to.scale ? to.scale + r : nullptr);
    }
}

// Call `run` with the number of pieces as a constant.
template <class Run>
static inline __attribute__((always_inline)) void with_pieces(std::size_t pieces, Run run) {
    switch (pieces) {
        case 2: return run(std::integral_constant<int, 2>{});
        case 3: return run(std::integral_constant<int, 3>{});
        case 4: return run(std::integral_constant<int, 4>{});
        case 5: return run(std::integral_constant<int, 5>{});
        case 6: return run(std::integral_constant<int, 6>{});
        case 7: return run(std::integral_constant<int, 7>{});
        case 8: return run(std::integral_constant<int, 8>{});
    }
}

static void maxout_norm(Matrix left, std::size_t rows, std::size_t depth, const float* panels,
                        std::size_t width, std::size_t pieces, const float* bias, const float* gain,
                        const float* shift, MaxoutRows to) {
    with_pieces(pieces, [=](auto count) {
        for_each_output<count>(rows, width, bias, gain, shift, to, [=](auto row, auto end, auto out, auto column) {
            tiles(row, end, left, depth, panels + column * count * depth, out);
        });
    });
}

static void sum_maxout(const float* row1, const float* row2, const float* row3, std::size_t width, float* best,
                       float* argmax) {
    for (std::size_t column = 0; column < width; column += LANES) {
        const std::size_t left = width - column, second = width + column;
        const Vector low = load_at_most(row1 + column, left) + load_at_most(row2 + column, left) +
                           load_at_most(row3 + column, left);
        const Vector high = load_at_most(row1 + second, left) + load_at_most(row2 + second, left) +
                            load_at_most(row3 + second, left);
        store_at_most(best + column, high > low ? high : low, left);
        if (argmax) store_at_most(argmax + column, high > low ? splat(1.0f) : Vector{}, left);
    }
}

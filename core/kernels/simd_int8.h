// The int8 kernels for one instruction set. simd.cpp includes this file after simd_float32.h, inside a namespace
// that defines: Quantized, the type that stores a quantized value; ZERO_POINT, the stored form of 0; `dots(sum, left,
// right)`, which adds to each lane the products of the Quantized values in that lane of both; and `widened(from)`,
// which loads as many 16-bit integers as there are lanes. Integer sums are exact, so every instruction set computes
// the same result.

constexpr std::size_t GROUP = 4 / sizeof(Quantized);  // values that are multiplied and added at once
constexpr float QUANTIZED_MAX = 127.0f;               // the quantized form of a row's largest magnitude
constexpr float ROUNDER = 12582912.0f;                // 1.5 * 2^23: adding and subtracting it rounds to integers
constexpr float MIN_MAGNITUDE = 1e-30f;               // smaller magnitudes become 0: 127 over this is still finite

typedef std::make_signed_t<Quantized> Weight;
typedef Quantized QuantizedVector __attribute__((vector_size(LANES * sizeof(Quantized))));
typedef std::int32_t UnalignedInts __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

static inline Ints load_ints(const std::int32_t* from) { return *reinterpret_cast<const UnalignedInts*>(from); }

static inline Ints broadcast(const Quantized* from) {
    std::int32_t bits;
    std::memcpy(&bits, from, sizeof bits);
    return bits - Ints{};
}

static inline std::size_t count_groups(std::size_t width) { return (width + GROUP - 1) / GROUP; }

// ---- rows --------------------------------------------------------------------------------------------------

static std::size_t quantized_row_size(std::size_t width) { return round_up_to_vectors(width) * sizeof(Quantized); }

static inline float max_magnitude(const float* row, std::size_t width) {
    Vector most = Vector{};
    for (std::size_t column = 0; column < width; column += LANES) {
        const Vector value = load_at_most(row + column, width - column);
        const Vector magnitude = value < Vector{} ? -value : value;
        most = magnitude > most ? magnitude : most;
    }
    return fold(most, [](auto a, auto b) { return a > b ? a : b; });
}

static inline Ints round_to_ints(Vector value) {
    return __builtin_convertvector((value + splat(ROUNDER)) - splat(ROUNDER), Ints);
}

static void quantize(const float* rows, std::ptrdiff_t row_step, std::size_t count, std::size_t width, void* values,
                     float* scales) {
    Quantized* to = static_cast<Quantized*>(values);
    for (std::size_t r = 0; r < count; ++r, rows += row_step) {
        const float largest = max_magnitude(rows, width);
        scales[r] = largest / QUANTIZED_MAX;
        const Vector rate = splat(largest > MIN_MAGNITUDE ? QUANTIZED_MAX / largest : 0.0f);
        for (std::size_t column = 0; column < width; column += LANES, to += LANES) {
            const Ints whole = round_to_ints(load_at_most(rows + column, width - column) * rate);
            const QuantizedVector narrow = __builtin_convertvector(whole + ZERO_POINT, QuantizedVector);
            std::memcpy(to, &narrow, sizeof narrow);
        }
    }
}

// ---- packing -----------------------------------------------------------------------------------------------

// Size of a packed vector of columns, in units of 32 bits: its scales and, for each part, the initial value of its
// sums and the groups of weights.
static inline std::size_t packed_vector_size(WindowShape shape) {
    return LANES * (1 + shape.parts * (1 + count_groups(shape.width)));
}

static std::size_t quantized_panel_size(WindowShape shape, std::size_t columns, std::size_t pieces) {
    return panel_size(1, columns, pieces) / LANES * packed_vector_size(shape);
}

// Pack one column: `to` is its lane of the block's first vector, `to_step` the distance from a row of the block to
// the next, in units of 32 bits.
static void pack_quantized_column(Matrix right, std::size_t column, WindowShape shape, std::int32_t* to,
                                  std::size_t to_step) {
    const float* from = right.data + column * right.column_step;
    float largest = 0.0f;
    for (std::size_t k = 0; k < shape.parts * shape.width; ++k)
        largest = std::max(largest, std::fabs(from[k * right.row_step]));
    const float scale = largest > MIN_MAGNITUDE ? largest / QUANTIZED_MAX : 1.0f;
    std::memcpy(to, &scale, sizeof scale);
    for (std::size_t part = 0; part < shape.parts; ++part) {
        std::int32_t* first = to += to_step;
        std::int32_t total = 0;
        for (std::size_t group = 0; group < count_groups(shape.width); ++group) {
            Weight weights[GROUP] = {};
            for (std::size_t k = 0; k < GROUP && group * GROUP + k < shape.width; ++k, from += right.row_step) {
                weights[k] = static_cast<Weight>(std::nearbyint(*from / scale));
                total += weights[k];
            }
            std::memcpy(to += to_step, weights, sizeof weights);
        }
        *first = -ZERO_POINT * total;
    }
}

static void pack_quantized(Matrix right, WindowShape shape, std::size_t columns, std::size_t pieces,
                           std::int32_t* panels) {
    const std::size_t width = pieces ? columns / pieces : columns;
    const std::size_t block = pieces ? LANES : PRODUCT_VECTORS * LANES;
    std::fill_n(panels, quantized_panel_size(shape, columns, pieces), 0);  // columns that do not exist
    for (std::size_t column = 0; column < width; column += block) {
        const std::size_t count = std::min(width - column, block);
        const std::size_t step = pieces ? pieces * LANES : round_up_to_vectors(count);
        for (std::size_t piece = 0; piece < std::max<std::size_t>(pieces, 1); ++piece)
            for (std::size_t lane = 0; lane < count; ++lane)
                pack_quantized_column(right, piece * width + column + lane, shape, panels + piece * LANES + lane,
                                      step);
        panels += step / LANES * packed_vector_size(shape);
    }
}

// ---- products ----------------------------------------------------------------------------------------------

// sum[r][v] = the products of R rows and V vectors of columns, part by part, since each row has its own scale.
template <int R, int V>
static inline __attribute__((always_inline)) void quantized_tile(QuantizedInputs left, std::size_t row,
                                                                 const std::int32_t* panel, Vector (&sum)[R][V]) {
    const std::size_t size = round_up_to_vectors(left.shape.width), groups = count_groups(left.shape.width);
    const std::int32_t* scales = panel;
    panel += V * LANES;
    for (int r = 0; r < R; ++r)
        for (int v = 0; v < V; ++v) sum[r][v] = Vector{};
    for (std::size_t part = 0; part < left.shape.parts; ++part) {
        const Quantized* from = static_cast<const Quantized*>(left.values) + (row + part) * size;
        Ints exact[R][V];
        for (int v = 0; v < V; ++v)
            for (int r = 0; r < R; ++r) exact[r][v] = load_ints(panel + v * LANES);
        panel += V * LANES;
        for (std::size_t group = 0; group < groups; ++group) {
            Ints column[V];
            for (int v = 0; v < V; ++v) column[v] = load_ints(panel + v * LANES);
            for (int r = 0; r < R; ++r) {
                const Ints value = broadcast(from + r * size);
                for (int v = 0; v < V; ++v) exact[r][v] = dots(exact[r][v], value, column[v]);
            }
            from += GROUP;
            panel += V * LANES;
        }
        for (int r = 0; r < R; ++r) {
            const Vector scale = splat(left.scales[row + part + r]);
            for (int v = 0; v < V; ++v)
                sum[r][v] = fused(scale, __builtin_convertvector(exact[r][v], Vector), sum[r][v]);
        }
    }
    for (int v = 0; v < V; ++v) {
        const Vector scale = reinterpret_cast<Vector>(load_ints(scales + v * LANES));
        for (int r = 0; r < R; ++r) sum[r][v] *= scale;
    }
}

template <int V, template <int> class To>
struct QuantizedTiles {
    QuantizedInputs left;
    const std::int32_t* panel;
    To<V> to;

    template <int R>
    inline __attribute__((always_inline)) void rows(std::size_t row) {
        Vector sum[R][V];
        quantized_tile<R, V>(left, row, panel, sum);
        to.template rows<R>(row, sum);
    }
};

template <int V, template <int> class To>
static __attribute__((noinline)) void quantized_tiles(std::size_t row, std::size_t end, QuantizedInputs left,
                                                      const std::int32_t* panel, To<V> to) {
    QuantizedTiles<V, To> run{left, panel, to};
    for_each_tile<rows_of_tile(2 * V)>(row, end, run);
}

static void quantized_product(QuantizedInputs left, std::size_t rows, const std::int32_t* panels, std::size_t columns,
                              const float* bias, float* out, std::ptrdiff_t out_step) {
    for_each_block(rows, columns, bias, false, out, out_step, [=](auto row, auto end, auto to, auto column) {
        quantized_tiles(row, end, left, panels + column / LANES * packed_vector_size(left.shape), to);
    });
}

static void quantized_maxout_norm(QuantizedInputs left, std::size_t rows, const std::int32_t* panels, std::size_t width,
                                  std::size_t pieces, const float* bias, const float* gain, const float* shift,
                                  MaxoutRows to) {
    with_pieces(pieces, [=](auto count) {
        for_each_output<count>(rows, width, bias, gain, shift, to, [=](auto row, auto end, auto out, auto column) {
            const std::size_t vectors = column / LANES * count;  // packed before this one
            quantized_tiles(row, end, left, panels + vectors * packed_vector_size(left.shape), out);
        });
    });
}

// ---- cached products ---------------------------------------------------------------------------------------

typedef std::int16_t Short;
typedef Short Shorts __attribute__((vector_size(LANES * sizeof(Short))));
constexpr float CACHED_MAX = 32767.0f;

static inline Vector load_shorts(const Short* from, std::size_t count) {
    Short padded[LANES] = {};
    if (count < LANES) from = static_cast<const Short*>(std::memcpy(padded, from, count * sizeof(Short)));
    return __builtin_convertvector(widened(from), Vector);
}

// As CachedFloat32, but the products of each window position are quantized to -32767 .. 32767: the float32 vector,
// three scales, the quantized products.
struct CachedInt16 {
    const Short* from[3];
    Vector scale[3];

    static std::size_t size(std::size_t width, std::size_t columns) {
        return (width + 3) * sizeof(float) + (3 * columns + columns % 2) * sizeof(Short);
    }

    CachedInt16(const void* const* rows, std::size_t width, std::size_t columns) {
        for (std::size_t part = 0; part < 3; ++part) {
            const float* row = static_cast<const float*>(rows[part]);
            from[part] = row ? reinterpret_cast<const Short*>(row + width + 3) + part * columns : nullptr;
            scale[part] = splat(row ? row[width + part] : 0.0f);
        }
    }

    inline Vector added(Vector sum, std::size_t at, std::size_t remaining) const {
        for (std::size_t part = 0; part < 3; ++part) {
            if (from[part]) sum = fused(scale[part], load_shorts(from[part] + at, remaining), sum);
        }
        return sum;
    }
};

static std::size_t cached_size(std::size_t width, std::size_t pieces) {
    return CachedInt16::size(width, pieces * width);
}

static void pack_cached(const float* rows, std::size_t count, std::size_t width, std::size_t pieces, void* cached) {
    const std::size_t columns = pieces * width;
    char* to = static_cast<char*>(cached);
    for (std::size_t r = 0; r < count; ++r, rows += width + 3 * columns, to += CachedInt16::size(width, columns)) {
        float* scales = reinterpret_cast<float*>(to) + width;
        Short* products = reinterpret_cast<Short*>(scales + 3);
        std::memcpy(to, rows, width * sizeof(float));
        for (std::size_t part = 0; part < 3; ++part) {
            const float* from = rows + width + part * columns;
            const float largest = max_magnitude(from, columns);
            const Vector rate = splat(largest > MIN_MAGNITUDE ? CACHED_MAX / largest : 0.0f);
            scales[part] = largest / CACHED_MAX;
            for (std::size_t column = 0; column < columns; column += LANES) {
                const std::size_t lanes = std::min<std::size_t>(LANES, columns - column);
                const Ints whole = round_to_ints(load_at_most(from + column, lanes) * rate);
                const Shorts narrow = __builtin_convertvector(whole, Shorts);
                std::memcpy(products + column, &narrow, lanes * sizeof(Short));
            }
            products += columns;
        }
    }
}

constexpr Int8 INT8 = {quantized_row_size, quantize, quantized_panel_size, pack_quantized, quantized_product,
                       quantized_maxout_norm, cached_size, pack_cached, cached_maxout_norm<CachedInt16>};

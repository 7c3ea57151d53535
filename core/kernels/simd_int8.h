// The int8 kernels for one instruction set. simd.cpp includes this file after simd_float32.h, inside a namespace
// that defines: Step, how a value of a row is held; STEP_OFFSET, what is added to it there; `dots(sum, left,
// right)`, which adds to each lane the products of the Steps in that lane of both; and `widened(from)`, as many
// 16-bit numbers as there are lanes. Sums of whole numbers are exact, so every instruction set finds the same.

constexpr std::size_t GROUP = 4 / sizeof(Step);  // steps that are multiplied and added at once
constexpr float STEPS = 127.0f;                  // on either side of zero
constexpr float ROUNDER = 12582912.0f;           // 1.5 * 2^23: added and taken away, it leaves whole numbers
constexpr float SMALLEST = 1e-30f;               // what is nearer to zero is zero: 127 over it is still finite

typedef std::make_signed_t<Step> Weight;
typedef Step Narrow __attribute__((vector_size(LANES * sizeof(Step))));
typedef std::int32_t LooseInts __attribute__((vector_size(LANES * 4), aligned(4), may_alias));

static inline Ints load_ints(const std::int32_t* from) { return *reinterpret_cast<const LooseInts*>(from); }

static inline Ints every_lane(const Step* from) {
    std::int32_t bits;
    std::memcpy(&bits, from, sizeof bits);
    return bits - Ints{};
}

static inline std::size_t groups_of(std::size_t width) { return (width + GROUP - 1) / GROUP; }

// ---- rows --------------------------------------------------------------------------------------------------

static std::size_t step_row_size(std::size_t width) { return whole_vectors(width) * sizeof(Step); }

static inline float largest_of_row(const float* row, std::size_t width) {
    Vector most = Vector{};
    for (std::size_t column = 0; column < width; column += LANES) {
        const Vector value = load_at_most(row + column, width - column);
        const Vector magnitude = value < Vector{} ? -value : value;
        most = magnitude > most ? magnitude : most;
    }
    return folded(most, [](auto a, auto b) { return a > b ? a : b; });
}

static inline Ints rounded_to_whole(Vector value) {
    return __builtin_convertvector((value + splat(ROUNDER)) - splat(ROUNDER), Ints);
}

static void to_steps(const float* rows, std::ptrdiff_t row_step, std::size_t count, std::size_t width, void* steps,
                     float* scales) {
    Step* to = static_cast<Step*>(steps);
    for (std::size_t r = 0; r < count; ++r, rows += row_step) {
        const float largest = largest_of_row(rows, width);
        scales[r] = largest / STEPS;
        const Vector rate = splat(largest > SMALLEST ? STEPS / largest : 0.0f);
        for (std::size_t column = 0; column < width; column += LANES, to += LANES) {
            const Ints whole = rounded_to_whole(load_at_most(rows + column, width - column) * rate);
            const Narrow narrow = __builtin_convertvector(whole + STEP_OFFSET, Narrow);
            std::memcpy(to, &narrow, sizeof narrow);
        }
    }
}

// ---- packing -----------------------------------------------------------------------------------------------

// What a vector of columns takes, in 32 bits: its scales, and for each part what its sums begin with and the
// groups of steps.
static inline std::size_t vector_size_of(StepShape shape) {
    return LANES * (1 + shape.parts * (1 + groups_of(shape.width)));
}

static std::size_t step_panel_size(StepShape shape, std::size_t columns, std::size_t pieces) {
    return panel_size(1, columns, pieces) / LANES * vector_size_of(shape);
}

// One column: `to` is its lane of the block's first vector, `to_step` the floats from a row of the block to the
// next.
static void pack_steps_of_column(Matrix right, std::size_t column, StepShape shape, std::int32_t* to,
                                 std::size_t to_step) {
    const float* from = right.data + column * right.column_step;
    float largest = 0.0f;
    for (std::size_t k = 0; k < shape.parts * shape.width; ++k)
        largest = std::max(largest, std::fabs(from[k * right.row_step]));
    const float scale = largest > SMALLEST ? largest / STEPS : 1.0f;
    std::memcpy(to, &scale, sizeof scale);
    for (std::size_t part = 0; part < shape.parts; ++part) {
        std::int32_t* first = to += to_step;
        std::int32_t total = 0;
        for (std::size_t group = 0; group < groups_of(shape.width); ++group) {
            Weight weights[GROUP] = {};
            for (std::size_t k = 0; k < GROUP && group * GROUP + k < shape.width; ++k, from += right.row_step) {
                weights[k] = static_cast<Weight>(std::nearbyint(*from / scale));
                total += weights[k];
            }
            std::memcpy(to += to_step, weights, sizeof weights);
        }
        *first = -STEP_OFFSET * total;
    }
}

static void pack_steps(Matrix right, StepShape shape, std::size_t columns, std::size_t pieces,
                       std::int32_t* panels) {
    const std::size_t width = pieces ? columns / pieces : columns;
    const std::size_t block = pieces ? LANES : PRODUCT_VECTORS * LANES;
    std::fill_n(panels, step_panel_size(shape, columns, pieces), 0);  // columns that do not exist
    for (std::size_t column = 0; column < width; column += block) {
        const std::size_t here = std::min(width - column, block);
        const std::size_t step = pieces ? pieces * LANES : whole_vectors(here);
        for (std::size_t piece = 0; piece < std::max<std::size_t>(pieces, 1); ++piece)
            for (std::size_t lane = 0; lane < here; ++lane)
                pack_steps_of_column(right, piece * width + column + lane, shape, panels + piece * LANES + lane,
                                     step);
        panels += step / LANES * vector_size_of(shape);
    }
}

// ---- products ----------------------------------------------------------------------------------------------

// sum[r][v] = the products of R rows and V vectors of columns, part by part: each row has a scale of its own.
template <int R, int V>
static inline __attribute__((always_inline)) void step_tile(StepRows left, std::size_t row,
                                                            const std::int32_t* panel, Vector (&sum)[R][V]) {
    const std::size_t size = whole_vectors(left.shape.width), groups = groups_of(left.shape.width);
    const std::int32_t* scales = panel;
    panel += V * LANES;
    for (int r = 0; r < R; ++r)
        for (int v = 0; v < V; ++v) sum[r][v] = Vector{};
    for (std::size_t part = 0; part < left.shape.parts; ++part) {
        const Step* from = static_cast<const Step*>(left.steps) + (row + part) * size;
        Ints exact[R][V];
        for (int v = 0; v < V; ++v)
            for (int r = 0; r < R; ++r) exact[r][v] = load_ints(panel + v * LANES);
        panel += V * LANES;
        for (std::size_t group = 0; group < groups; ++group) {
            Ints column[V];
            for (int v = 0; v < V; ++v) column[v] = load_ints(panel + v * LANES);
            for (int r = 0; r < R; ++r) {
                const Ints value = every_lane(from + r * size);
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
struct StepTiles {
    StepRows left;
    const std::int32_t* panel;
    To<V> to;

    template <int R>
    inline __attribute__((always_inline)) void rows(std::size_t row) {
        Vector sum[R][V];
        step_tile<R, V>(left, row, panel, sum);
        to.template rows<R>(row, sum);
    }
};

template <int V, template <int> class To>
static __attribute__((noinline)) void step_tiles(std::size_t row, std::size_t end, StepRows left,
                                                 const std::int32_t* panel, To<V> to) {
    StepTiles<V, To> run{left, panel, to};
    by_tiles<rows_of_tile(2 * V)>(row, end, run);
}

static void step_product(StepRows left, std::size_t rows, const std::int32_t* panels, std::size_t columns,
                         const float* bias, float* out, std::ptrdiff_t out_step) {
    by_blocks(rows, columns, bias, false, out, out_step, [=](auto row, auto end, auto to, auto column) {
        step_tiles(row, end, left, panels + column / LANES * vector_size_of(left.shape), to);
    });
}

static void step_maxout_norm(StepRows left, std::size_t rows, const std::int32_t* panels, std::size_t width,
                             std::size_t pieces, const float* bias, const float* gain, const float* shift,
                             MaxoutRows to) {
    with_pieces(pieces, [=](auto count) {
        by_outputs<count>(rows, width, bias, gain, shift, to, [=](auto row, auto end, auto out, auto column) {
            const std::size_t before = column / LANES * count;
            step_tiles(row, end, left, panels + before * vector_size_of(left.shape), out);
        });
    });
}

// ---- what is kept of forms ---------------------------------------------------------------------------------

typedef std::int16_t Short;
typedef Short Shorts __attribute__((vector_size(LANES * sizeof(Short))));
constexpr float KEPT_STEPS = 32767.0f;

static inline Vector load_shorts(const Short* from, std::size_t count) {
    Short some[LANES] = {};
    if (count < LANES) from = static_cast<const Short*>(std::memcpy(some, from, count * sizeof(Short)));
    return __builtin_convertvector(widened(from), Vector);
}

// As KeptFloats, but the products of a place in 32767 steps on either side of zero: the vector, three scales, the
// steps.
struct KeptShorts {
    const Short* from[3];
    Vector scale[3];

    static std::size_t size(std::size_t width, std::size_t columns) {
        return (width + 3) * sizeof(float) + (3 * columns + columns % 2) * sizeof(Short);
    }

    KeptShorts(const void* const* rows, std::size_t width, std::size_t columns) {
        for (std::size_t place = 0; place < 3; ++place) {
            const float* row = static_cast<const float*>(rows[place]);
            from[place] = row ? reinterpret_cast<const Short*>(row + width + 3) + place * columns : nullptr;
            scale[place] = splat(row ? row[width + place] : 0.0f);
        }
    }

    inline Vector added(Vector sum, std::size_t at, std::size_t here) const {
        for (std::size_t place = 0; place < 3; ++place) {
            if (from[place]) sum = fused(scale[place], load_shorts(from[place] + at, here), sum);
        }
        return sum;
    }
};

static std::size_t kept_size(std::size_t width, std::size_t pieces) { return KeptShorts::size(width, pieces * width); }

static void keep(const float* rows, std::size_t count, std::size_t width, std::size_t pieces, void* kept) {
    const std::size_t columns = pieces * width;
    char* to = static_cast<char*>(kept);
    for (std::size_t r = 0; r < count; ++r, rows += width + 3 * columns, to += KeptShorts::size(width, columns)) {
        float* scales = reinterpret_cast<float*>(to) + width;
        Short* steps = reinterpret_cast<Short*>(scales + 3);
        std::memcpy(to, rows, width * sizeof(float));
        for (std::size_t place = 0; place < 3; ++place) {
            const float* from = rows + width + place * columns;
            const float largest = largest_of_row(from, columns);
            const Vector rate = splat(largest > SMALLEST ? KEPT_STEPS / largest : 0.0f);
            scales[place] = largest / KEPT_STEPS;
            for (std::size_t column = 0; column < columns; column += LANES) {
                const std::size_t here = std::min<std::size_t>(LANES, columns - column);
                const Ints whole = rounded_to_whole(load_at_most(from + column, here) * rate);
                const Shorts narrow = __builtin_convertvector(whole, Shorts);
                std::memcpy(steps + column, &narrow, here * sizeof(Short));
            }
            steps += columns;
        }
    }
}

constexpr Int8 INT8 = {step_row_size, to_steps, step_panel_size, pack_steps, step_product, step_maxout_norm,
                       kept_size, keep, known_maxout_norm<KeptShorts>};

// The kernels of training for one instruction set. simd.cpp includes this file after simd_float32.h.

constexpr std::size_t CHOSEN_VECTORS = 9;  // sums of a column that `chosen_product` adds to at once
static_assert(ROW_CHUNK <= 256, "the rows of a chunk are counted in bytes");

// ---- the way back through maxout and layer norm ------------------------------------------------------------

static void maxout_norm_back(const float* d_out, std::size_t rows, std::size_t width, std::size_t pieces,
                             const float* which, const float* normed, const float* scale, const float* gain,
                             float* d_pieces, float* d_bias, float* d_gain, float* d_shift) {
    for (std::size_t r = 0; r < rows; ++r) {
        const float* slope = d_out + r * width;
        const float* row = normed + r * width;
        const float* chosen = which + r * width;
        float* to = d_pieces + r * pieces * width;
        Sums sums, products;
        along(width, [&](std::size_t v, std::size_t column, std::size_t count) {
            const Vector here = load_at_most(slope + column, count);
            const Vector value = load_at_most(row + column, count);
            const Vector held = here * load_at_most(gain + column, count);
            store_at_most(d_gain + column, fused(here, value, load_at_most(d_gain + column, count)), count);
            store_at_most(d_shift + column, load_at_most(d_shift + column, count) + here, count);
            sums.part[v] += held;
            products.part[v] = fused(held, value, products.part[v]);
        });
        const Vector mean = splat(sums.total() / width), share = splat(products.total() / width);
        const Vector rate = splat(scale[r]);
        along(width, [&](std::size_t, std::size_t column, std::size_t count) {
            const Vector held = load_at_most(slope + column, count) * load_at_most(gain + column, count);
            const Vector value =
                rate * (held - mean - load_at_most(row + column, count) * share);
            const Vector number = load_at_most(chosen + column, count);
            for (std::size_t p = 0; p < pieces; ++p) {
                const Vector part = number == splat(static_cast<float>(p)) ? value : Vector{};
                float* total = d_bias + p * width + column;
                store_at_most(to + p * width + column, part, count);
                store_at_most(total, load_at_most(total, count) + part, count);
            }
        });
    }
}

// ---- the gradient of a maxout layer's weights --------------------------------------------------------------

// Where `chosen_product` keeps what it needs: the transposed sums, for each column the rows of a chunk that chose
// it, and how many these are.
static std::size_t chosen_room(std::size_t depth, std::size_t columns) {
    return columns * (whole_vectors(depth) + ROW_CHUNK / sizeof(float) + 1);
}

// A column of the right-hand side, in some rows: sums += right * left, for the rows that chose it.
struct Chosen {
    const float* left;  // rows of CHOSEN_VECTORS
    const float* right;
    std::size_t right_step;
    const std::uint8_t* rows;
    std::size_t count;
    float* sums;

    // V vectors at a time, then what is left with half of V.
    template <int V>
    inline __attribute__((always_inline)) void run(std::size_t at, std::size_t end) const {
        for (; at + V * LANES <= end; at += V * LANES) {
            Vector sum[V];
            for (int v = 0; v < V; ++v) sum[v] = load(sums + at + v * LANES);
            for (std::size_t index = 0; index < count; ++index) {
                const float* from = left + rows[index] * (CHOSEN_VECTORS * LANES) + at;
                const Vector value = splat(right[rows[index] * right_step]);
                for (int v = 0; v < V; ++v) sum[v] = fused(load(from + v * LANES), value, sum[v]);
            }
            for (int v = 0; v < V; ++v) store(sums + at + v * LANES, sum[v]);
        }
        if constexpr (V > 1) run<V / 2>(at, end);
    }
};

static void chosen_product(Matrix left, std::size_t rows, std::size_t depth, const float* right, const float* which,
                           std::size_t width, std::size_t pieces, float* room, float* out) {
    const std::size_t columns = pieces * width, block = CHOSEN_VECTORS * LANES, step = whole_vectors(depth);
    std::uint8_t* chosen = reinterpret_cast<std::uint8_t*>(room + columns * step);
    std::uint32_t* counts = reinterpret_cast<std::uint32_t*>(chosen + columns * ROW_CHUNK);
    alignas(64) float near[ROW_CHUNK * CHOSEN_VECTORS * LANES];  // a chunk's inputs: no vector crosses a line
    std::fill_n(room, columns * step, 0.0f);
    for (std::size_t row = 0; row < rows; row += ROW_CHUNK) {
        const std::size_t end = rows - row < ROW_CHUNK ? rows : row + ROW_CHUNK;
        std::fill_n(counts, columns, 0);
        for (std::size_t here = row; here < end; ++here)
            for (std::size_t w = 0; w < width; ++w) {
                const std::size_t column = static_cast<std::size_t>(which[here * width + w]) * width + w;
                chosen[column * ROW_CHUNK + counts[column]++] = static_cast<std::uint8_t>(here - row);
            }
        for (std::size_t first = 0; first < depth; first += block) {
            const std::size_t here = depth - first < block ? depth - first : block;
            for (std::size_t r = row; r < end; ++r)
                for (std::size_t at = 0; at < here; at += LANES)
                    store(near + (r - row) * block + at,
                          load_at_most(left.data + r * left.row_step + first + at, here - at));
            for (std::size_t column = 0; column < columns; ++column)
                Chosen{near, right + row * columns + column, columns, chosen + column * ROW_CHUNK, counts[column],
                       room + column * step + first}
                    .run<CHOSEN_VECTORS>(0, whole_vectors(here));
        }
    }
    for (std::size_t first = 0; first < depth; first += LANES)
        for (std::size_t column = 0; column < columns; ++column)
            for (std::size_t k = first; k < depth && k < first + LANES; ++k)
                out[k * columns + column] += room[column * step + k];
}

// ---- dropout -----------------------------------------------------------------------------------------------

// Scramble all bits of each lane (C. Wellons, "Prospecting for hash functions", 2018: lowbias32).
static inline Bits scramble(Bits value) {
    value = (value ^ (value >> 16)) * 0x7feb352du;
    value = (value ^ (value >> 15)) * 0x846ca68bu;
    return value ^ (value >> 16);
}

static void dropout(float* values, std::size_t count, std::uint32_t low, std::uint32_t high, std::uint32_t threshold,
                    float scale) {
    Bits index;
    for (std::uint32_t lane = 0; lane < LANES; ++lane) index[lane] = lane;
    for (std::size_t at = 0; at < count; at += LANES) {
        const Bits bits = scramble(scramble(index + low) ^ high) >> 8;
        const Vector value = load_at_most(values + at, count - at);
        store_at_most(values + at, bits >= threshold ? value * splat(scale) : Vector{}, count - at);
        index += LANES;
    }
}

// ---- Adam --------------------------------------------------------------------------------------------------

// Multiplies and adds one by one, without `fused`, so that every machine rounds alike.
static void adam(float* values, float* gradient, float* first, float* second, float* average,
                 const float* anchor, std::size_t count, AdamStep step) {
    const Vector one = splat(step.beta1), one_rest = splat(1.0f - step.beta1);
    const Vector two = splat(step.beta2), two_rest = splat(1.0f - step.beta2);
    const Vector grown = splat(step.grown), spread_root = splat(step.root), epsilon = splat(step.epsilon);
    const Vector rate = splat(step.rate), shrink = splat(step.shrink);
    const Vector clip = splat(step.clip), mix = splat(step.mix);
    for (std::size_t at = 0; at < count; at += LANES) {
        const std::size_t left = count - at;
        const Vector slope = load_at_most(gradient + at, left) * clip;
        store_at_most(gradient + at, Vector{}, left);
        const Vector moment = one * load_at_most(first + at, left) + one_rest * slope;
        const Vector spread = two * load_at_most(second + at, left) + two_rest * slope * slope;
        store_at_most(first + at, moment, left);
        store_at_most(second + at, spread, left);
        const Vector old = load_at_most(values + at, left);
        const Vector distance = anchor ? old - load_at_most(anchor + at, left) : old;
        const Vector value =
            old - rate * (moment * grown) / (root(spread) * spread_root + epsilon) - shrink * distance;
        store_at_most(values + at, value, left);
        const Vector mean = load_at_most(average + at, left);
        store_at_most(average + at, mean + mix * (value - mean), left);
    }
}

// ---- all of them -------------------------------------------------------------------------------------------

static constexpr Level level(const char* name, const Int8& int8) {
    return {name, panel_size, pack, product, maxout_norm, summed_maxout_norm, known_maxout_norm<KeptFloats>, maxout_norm_back, chosen_room,
            chosen_product, sum_largest, dropout, adam, &int8};
}

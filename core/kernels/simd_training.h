// The kernels of training for one instruction set. simd.cpp includes this file after simd_float32.h.

constexpr std::size_t CHOSEN_VECTORS = 9;  // vectors of a column's sums that `chosen_product` adds to at once
static_assert(ROW_CHUNK <= 256, "row numbers within a chunk are stored as bytes");

// ---- backward pass of maxout and layer norm ----------------------------------------------------------------

static void maxout_norm_back(const float* d_out, std::size_t rows, std::size_t width, std::size_t pieces,
                             const float* argmax, const float* normed, const float* scale, const float* gain,
                             float* d_pieces, float* d_bias, float* d_gain, float* d_shift) {
    for (std::size_t r = 0; r < rows; ++r) {
        const float* slope = d_out + r * width;
        const float* row = normed + r * width;
        const float* chosen = argmax + r * width;
        float* to = d_pieces + r * pieces * width;
        Sums sums, products;
        for_each_vector(width, [&](std::size_t v, std::size_t column, std::size_t count) {
            const Vector d_value = load_at_most(slope + column, count);
            const Vector value = load_at_most(row + column, count);
            const Vector d_normed = d_value * load_at_most(gain + column, count);
            store_at_most(d_gain + column, fused(d_value, value, load_at_most(d_gain + column, count)), count);
            store_at_most(d_shift + column, load_at_most(d_shift + column, count) + d_value, count);
            sums.part[v] += d_normed;
            products.part[v] = fused(d_normed, value, products.part[v]);
        });
        const Vector mean = splat(sums.total() / width), share = splat(products.total() / width);
        const Vector rate = splat(scale[r]);
        for_each_vector(width, [&](std::size_t, std::size_t column, std::size_t count) {
            const Vector d_normed = load_at_most(slope + column, count) * load_at_most(gain + column, count);
            const Vector value =
                rate * (d_normed - mean - load_at_most(row + column, count) * share);
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

// The workspace of `chosen_product`: the transposed sums and, for each column, the rows of a chunk that chose it and
// their number.
static std::size_t chosen_workspace_size(std::size_t depth, std::size_t columns) {
    return columns * (round_up_to_vectors(depth) + ROW_CHUNK / sizeof(float) + 1);
}

// One column of the right-hand side: sums += right * left, over the rows of a chunk that chose it.
struct Chosen {
    const float* left;  // rows of CHOSEN_VECTORS
    const float* right;
    std::size_t right_step;
    const std::uint8_t* rows;
    std::size_t count;
    float* sums;

    // V vectors at a time, then the rest with half of V.
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

static void chosen_product(Matrix left, std::size_t rows, std::size_t depth, const float* right, const float* argmax,
                           std::size_t width, std::size_t pieces, float* workspace, float* out) {
    const std::size_t columns = pieces * width, block = CHOSEN_VECTORS * LANES, step = round_up_to_vectors(depth);
    std::uint8_t* chosen = reinterpret_cast<std::uint8_t*>(workspace + columns * step);
    std::uint32_t* counts = reinterpret_cast<std::uint32_t*>(chosen + columns * ROW_CHUNK);
    alignas(64) float inputs[ROW_CHUNK * CHOSEN_VECTORS * LANES];  // of a chunk; no vector crosses a cache line
    std::fill_n(workspace, columns * step, 0.0f);
    for (std::size_t row = 0; row < rows; row += ROW_CHUNK) {
        const std::size_t end = rows - row < ROW_CHUNK ? rows : row + ROW_CHUNK;
        std::fill_n(counts, columns, 0);
        for (std::size_t r = row; r < end; ++r)
            for (std::size_t w = 0; w < width; ++w) {
                const std::size_t column = static_cast<std::size_t>(argmax[r * width + w]) * width + w;
                chosen[column * ROW_CHUNK + counts[column]++] = static_cast<std::uint8_t>(r - row);
            }
        for (std::size_t first = 0; first < depth; first += block) {
            const std::size_t count = depth - first < block ? depth - first : block;
            for (std::size_t r = row; r < end; ++r)
                for (std::size_t at = 0; at < count; at += LANES)
                    store(inputs + (r - row) * block + at,
                          load_at_most(left.data + r * left.row_step + first + at, count - at));
            for (std::size_t column = 0; column < columns; ++column)
                Chosen{inputs, right + row * columns + column, columns, chosen + column * ROW_CHUNK, counts[column],
                       workspace + column * step + first}
                    .run<CHOSEN_VECTORS>(0, round_up_to_vectors(count));
        }
    }
    for (std::size_t first = 0; first < depth; first += LANES)
        for (std::size_t column = 0; column < columns; ++column)
            for (std::size_t k = first; k < depth && k < first + LANES; ++k)
                out[k * columns + column] += workspace[column * step + k];
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

// Multiplies and adds separately, without `fused`, so that every machine rounds alike.
static void adam(float* values, float* gradient, float* first, float* second, float* average,
                 const float* anchor, std::size_t count, AdamStep step) {
    const Vector beta1 = splat(step.beta1), rest1 = splat(1.0f - step.beta1);
    const Vector beta2 = splat(step.beta2), rest2 = splat(1.0f - step.beta2);
    const Vector first_correction = splat(step.first_correction);
    const Vector second_correction = splat(step.second_correction), epsilon = splat(step.epsilon);
    const Vector rate = splat(step.rate), shrink = splat(step.shrink);
    const Vector clip = splat(step.clip), mix = splat(step.mix);
    for (std::size_t at = 0; at < count; at += LANES) {
        const std::size_t left = count - at;
        const Vector slope = load_at_most(gradient + at, left) * clip;
        store_at_most(gradient + at, Vector{}, left);
        const Vector first_moment = beta1 * load_at_most(first + at, left) + rest1 * slope;
        const Vector second_moment = beta2 * load_at_most(second + at, left) + rest2 * slope * slope;
        store_at_most(first + at, first_moment, left);
        store_at_most(second + at, second_moment, left);
        const Vector old = load_at_most(values + at, left);
        const Vector distance = anchor ? old - load_at_most(anchor + at, left) : old;
        const Vector value = old - rate * (first_moment * first_correction) /
                                       (root(second_moment) * second_correction + epsilon) - shrink * distance;
        store_at_most(values + at, value, left);
        const Vector mean = load_at_most(average + at, left);
        store_at_most(average + at, mean + mix * (value - mean), left);
    }
}

// ---- the table of kernels ----------------------------------------------------------------------------------

static constexpr Isa make_isa(const char* name, const Int8& int8) {
    return {name, panel_size, pack, product, maxout_norm, summed_maxout_norm, cached_maxout_norm<CachedFloat32>,
            maxout_norm_back, chosen_workspace_size, chosen_product, sum_maxout, dropout, adam, &int8};
}

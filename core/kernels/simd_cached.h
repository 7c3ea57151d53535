// The kernels of prediction that start from cached products, for one instruction set. simd.cpp includes this file
// after simd_float32.h.

// Maxout of the bias plus what `added(sum, first column, remaining columns)` adds to it.
template <class Added>
static inline __attribute__((always_inline)) void maxout_of_sums(std::size_t width, std::size_t pieces,
                                                                 const float* bias, float* out, Added added) {
    for (std::size_t column = 0; column < width; column += LANES) {
        const std::size_t remaining = width - column;
        Vector best = Vector{};
        for (std::size_t p = 0; p < pieces; ++p) {
            const std::size_t at = p * width + column;
            const Vector sum = added(load_at_most(bias + at, remaining), at, remaining);
            if (p == 0) best = sum;
            else best = sum > best ? sum : best;
        }
        store_at_most(out + column, best, remaining);
    }
}

static void summed_maxout_norm(const float* const* rows, std::size_t parts, std::size_t count, std::size_t width,
                               std::size_t pieces, const float* bias, const float* gain, const float* shift,
                               float* out, std::ptrdiff_t out_step) {
    for (std::size_t r = 0; r < count; ++r, rows += parts, out += out_step) {
        maxout_of_sums(width, pieces, bias, out, [=](Vector sum, std::size_t at, std::size_t remaining) {
            for (std::size_t part = 0; part < parts; ++part)
                if (rows[part]) sum += load_at_most(rows[part] + at, remaining);
            return sum;
        });
        normalise(out, width, gain, shift, nullptr, nullptr, nullptr);
    }
}

// The cached float32 products of a token and its two neighbours.
struct CachedFloat32 {
    const float* from[3];

    static std::size_t size(std::size_t width, std::size_t columns) { return (width + 3 * columns) * sizeof(float); }

    CachedFloat32(const void* const* rows, std::size_t width, std::size_t columns) {
        for (std::size_t part = 0; part < 3; ++part)
            from[part] = rows[part] ? static_cast<const float*>(rows[part]) + width + part * columns : nullptr;
    }

    inline Vector added(Vector sum, std::size_t at, std::size_t remaining) const {
        for (std::size_t part = 0; part < 3; ++part)
            if (from[part]) sum += load_at_most(from[part] + at, remaining);
        return sum;
    }
};

template <class Cached>
static void cached_maxout_norm(const void* const* rows, std::size_t count, std::size_t width, std::size_t pieces,
                               const float* bias, const float* gain, const float* shift, float* out) {
    const std::size_t columns = pieces * width;
    for (std::size_t r = 1; r + 1 < count; ++r) {
        float* to = out + r * width;
        if (const char* ahead = static_cast<const char*>(r + AHEAD < count ? rows[r + AHEAD] : nullptr))
            for (std::size_t at = 0; at < Cached::size(width, columns); at += LINE) __builtin_prefetch(ahead + at);
        if (!rows[r]) continue;
        const Cached cached(rows + r - 1, width, columns);
        maxout_of_sums(width, pieces, bias, to, [&](Vector sum, std::size_t at, std::size_t remaining) {
            return cached.added(sum, at, remaining);
        });
        normalise(to, width, gain, shift, static_cast<const float*>(rows[r]), nullptr, nullptr);
    }
}

// The kernels of prediction for rows whose products are known, for one instruction set. simd.cpp includes this file
// after simd_float32.h.

// Maxout of bias and what `added(sum, first column, columns that exist)` adds to it.
template <class Added>
static inline __attribute__((always_inline)) void largest_of_sums(std::size_t width, std::size_t pieces,
                                                                  const float* bias, float* out, Added added) {
    for (std::size_t column = 0; column < width; column += LANES) {
        const std::size_t here = width - column;
        Vector best = Vector{};
        for (std::size_t p = 0; p < pieces; ++p) {
            const std::size_t at = p * width + column;
            const Vector sum = added(load_at_most(bias + at, here), at, here);
            if (p == 0) best = sum;
            else best = sum > best ? sum : best;
        }
        store_at_most(out + column, best, here);
    }
}

static void summed_maxout_norm(const float* const* rows, std::size_t parts, std::size_t count, std::size_t width,
                               std::size_t pieces, const float* bias, const float* gain, const float* shift,
                               float* out, std::ptrdiff_t out_step) {
    for (std::size_t r = 0; r < count; ++r, rows += parts, out += out_step) {
        largest_of_sums(width, pieces, bias, out, [=](Vector sum, std::size_t at, std::size_t here) {
            for (std::size_t part = 0; part < parts; ++part)
                if (rows[part]) sum += load_at_most(rows[part] + at, here);
            return sum;
        });
        normalise(out, width, gain, shift, nullptr, nullptr, nullptr);
    }
}

// Products of a token's neighbours and itself as they are kept, in float32.
struct KeptFloats {
    const float* from[3];

    static std::size_t size(std::size_t width, std::size_t columns) { return (width + 3 * columns) * sizeof(float); }

    KeptFloats(const void* const* rows, std::size_t width, std::size_t columns) {
        for (std::size_t place = 0; place < 3; ++place)
            from[place] = rows[place] ? static_cast<const float*>(rows[place]) + width + place * columns : nullptr;
    }

    inline Vector added(Vector sum, std::size_t at, std::size_t here) const {
        for (std::size_t place = 0; place < 3; ++place)
            if (from[place]) sum += load_at_most(from[place] + at, here);
        return sum;
    }
};

template <class Kept>
static void known_maxout_norm(const void* const* rows, std::size_t count, std::size_t width, std::size_t pieces,
                              const float* bias, const float* gain, const float* shift, float* out) {
    const std::size_t columns = pieces * width;
    for (std::size_t r = 1; r + 1 < count; ++r) {
        float* to = out + r * width;
        if (const char* ahead = static_cast<const char*>(r + AHEAD < count ? rows[r + AHEAD] : nullptr))
            for (std::size_t at = 0; at < Kept::size(width, columns); at += LINE) __builtin_prefetch(ahead + at);
        if (!rows[r]) continue;
        const Kept kept(rows + r - 1, width, columns);
        largest_of_sums(width, pieces, bias, to,
                        [&](Vector sum, std::size_t at, std::size_t here) { return kept.added(sum, at, here); });
        normalise(to, width, gain, shift, static_cast<const float*>(rows[r]), nullptr, nullptr);
    }
}

// The levels of instruction sets that simd_level.h is compiled for, and the choice among them.
#include "simd.h"

#include <cmath>
#include <cstddef>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif


namespace nerture {

#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,prefer-vector-width=512")
#endif
namespace avx512 {
constexpr int LANES = 16, REGISTERS = 24;
typedef float Vector __attribute__((vector_size(64)));
static inline Vector fused(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
static inline Vector root(Vector a) { return _mm512_sqrt_ps(a); }
#include "simd_level.h"
constexpr Level LEVEL = {"avx512", panel_size, pack, product, maxout_norm, known_maxout_norm,
                         maxout_norm_back, dropout, adam};
}  // namespace avx512
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif
namespace avx2 {
constexpr int LANES = 8, REGISTERS = 12;
typedef float Vector __attribute__((vector_size(32)));
static inline Vector fused(Vector a, Vector b, Vector c) { return _mm256_fmadd_ps(a, b, c); }
static inline Vector root(Vector a) { return _mm256_sqrt_ps(a); }
#include "simd_level.h"
constexpr Level LEVEL = {"avx2", panel_size, pack, product, maxout_norm, known_maxout_norm,
                         maxout_norm_back, dropout, adam};
}  // namespace avx2
#if defined(__clang__)
#pragma clang attribute pop
#else
#pragma GCC pop_options
#endif

#elif defined(__aarch64__)

namespace neon {
constexpr int LANES = 4, REGISTERS = 24;
typedef float Vector __attribute__((vector_size(16)));
static inline Vector fused(Vector a, Vector b, Vector c) {
    return (Vector)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
static inline Vector root(Vector a) { return (Vector)vsqrtq_f32((float32x4_t)a); }
#include "simd_level.h"
constexpr Level LEVEL = {"neon", panel_size, pack, product, maxout_norm, known_maxout_norm,
                         maxout_norm_back, dropout, adam};
}  // namespace neon

#endif

namespace portable {
constexpr int LANES = 4, REGISTERS = 12;
typedef float Vector __attribute__((vector_size(16)));
static inline Vector fused(Vector a, Vector b, Vector c) { return a * b + c; }
static inline Vector root(Vector a) {
    for (int lane = 0; lane < LANES; ++lane) a[lane] = std::sqrt(a[lane]);
    return a;
}
#include "simd_level.h"
constexpr Level LEVEL = {"portable", panel_size, pack, product, maxout_norm, known_maxout_norm,
                         maxout_norm_back, dropout, adam};
}  // namespace portable

static bool runs_here([[maybe_unused]] const Level& level) {
#if defined(__x86_64__)
    if (&level == &avx512::LEVEL) return __builtin_cpu_supports("avx512f");
    if (&level == &avx2::LEVEL) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return true;
}

static const Level* const LEVELS[] = {  // the best first
#if defined(__x86_64__)
    &avx512::LEVEL, &avx2::LEVEL,
#elif defined(__aarch64__)
    &neon::LEVEL,
#endif
    &portable::LEVEL,
};

const Level* find_level(const char* name) {
    for (const Level* level : LEVELS)
        if ((!*name || !std::strcmp(name, level->name)) && runs_here(*level)) return level;
    return nullptr;
}

}  // namespace nerture

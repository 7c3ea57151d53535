// The instruction sets that the kernels are compiled for, and the choice among them.
#include "simd.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <type_traits>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif


namespace nerture {

#if defined(__x86_64__)

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw"))), apply_to = function)
#else
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,prefer-vector-width=512")
#endif
namespace avx512 {
constexpr int LANES = 16, REGISTERS = 24;
typedef float Vector __attribute__((vector_size(64)));
static inline Vector fused(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
static inline Vector root(Vector a) { return _mm512_sqrt_ps(a); }
#include "simd_float32.h"
#include "simd_cached.h"
#include "simd_training.h"
typedef std::int16_t Quantized;
constexpr std::int32_t ZERO_POINT = 0;
static inline Ints dots(Ints sum, Ints left, Ints right) {
    return sum + (Ints)_mm512_madd_epi16((__m512i)left, (__m512i)right);
}
static inline Ints widened(const std::int16_t* from) {
    return (Ints)_mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}
#include "simd_int8.h"
constexpr Isa ISA = make_isa("avx512", INT8);
}  // namespace avx512
#if defined(__clang__)
#pragma clang attribute pop
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vnni"))), apply_to = function)
#else
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx512f,avx512bw,avx512vnni,prefer-vector-width=512")
#endif
namespace avx512vnni {  // as avx512, except for int8
constexpr int LANES = 16, REGISTERS = 24;
typedef float Vector __attribute__((vector_size(64)));
static inline Vector fused(Vector a, Vector b, Vector c) { return _mm512_fmadd_ps(a, b, c); }
static inline Vector root(Vector a) { return _mm512_sqrt_ps(a); }
#include "simd_float32.h"
#include "simd_cached.h"
#include "simd_training.h"
typedef std::uint8_t Quantized;  // the instruction multiplies unsigned by signed bytes
constexpr std::int32_t ZERO_POINT = 128;
static inline Ints dots(Ints sum, Ints left, Ints right) {
    return (Ints)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)left, (__m512i)right);
}
static inline Ints widened(const std::int16_t* from) {
    return (Ints)_mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}
#include "simd_int8.h"
constexpr Isa ISA = make_isa("avx512vnni", INT8);
}  // namespace avx512vnni
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
#include "simd_float32.h"
#include "simd_cached.h"
#include "simd_training.h"
typedef std::int16_t Quantized;
constexpr std::int32_t ZERO_POINT = 0;
static inline Ints dots(Ints sum, Ints left, Ints right) {
    return sum + (Ints)_mm256_madd_epi16((__m256i)left, (__m256i)right);
}
static inline Ints widened(const std::int16_t* from) {
    return (Ints)_mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
#include "simd_int8.h"
constexpr Isa ISA = make_isa("avx2", INT8);
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
#include "simd_float32.h"
#include "simd_cached.h"
#include "simd_training.h"
typedef std::int16_t Quantized;
constexpr std::int32_t ZERO_POINT = 0;
static inline Ints dots(Ints sum, Ints left, Ints right) {
    const int16x8_t a = (int16x8_t)left, b = (int16x8_t)right;
    return sum + (Ints)vpaddq_s32(vmull_s16(vget_low_s16(a), vget_low_s16(b)), vmull_high_s16(a, b));
}
static inline Ints widened(const std::int16_t* from) { return (Ints)vmovl_s16(vld1_s16(from)); }
#include "simd_int8.h"
constexpr Isa ISA = make_isa("neon", INT8);
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
#include "simd_float32.h"
#include "simd_cached.h"
#include "simd_training.h"
typedef std::int16_t Quantized;
constexpr std::int32_t ZERO_POINT = 0;
static inline Ints dots(Ints sum, Ints left, Ints right) {
    const Ints low_left = (left << 16) >> 16, low_right = (right << 16) >> 16;
    return sum + low_left * low_right + (left >> 16) * (right >> 16);  // the two halves of each lane
}
static inline Ints widened(const std::int16_t* from) { return Ints{from[0], from[1], from[2], from[3]}; }
#include "simd_int8.h"
constexpr Isa ISA = make_isa("portable", INT8);
}  // namespace portable

static bool is_supported([[maybe_unused]] const Isa& isa) {
#if defined(__x86_64__)
    const bool wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
    if (&isa == &avx512vnni::ISA) return wide && __builtin_cpu_supports("avx512vnni");
    if (&isa == &avx512::ISA) return wide;
    if (&isa == &avx2::ISA) return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
    return true;
}

static const Isa* const ISAS[] = {  // the best first
#if defined(__x86_64__)
    &avx512vnni::ISA, &avx512::ISA, &avx2::ISA,
#elif defined(__aarch64__)
    &neon::ISA,
#endif
    &portable::ISA,
};

const Isa* find_isa(const char* name) {
    for (const Isa* isa : ISAS)
        if ((!*name || !std::strcmp(name, isa->name)) && is_supported(*isa)) return isa;
    return nullptr;
}

}  // namespace nerture

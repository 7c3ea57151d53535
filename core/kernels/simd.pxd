"""The C++ side of ``dense``: what simd.h declares."""

from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int32_t, uint32_t

cdef extern from "simd.h" namespace "nerture" nogil:
    cdef struct Matrix:
        const float* data
        ptrdiff_t row_step
        ptrdiff_t column_step

    cdef struct MaxoutRows:
        float* out
        ptrdiff_t out_step
        const float* residual
        ptrdiff_t residual_step
        float* argmax
        float* normed
        float* scale

    cdef struct AdamStep:
        float beta1
        float beta2
        float first_correction
        float second_correction
        float epsilon
        float rate
        float shrink
        float clip
        float mix

    cdef struct WindowShape:
        size_t width
        size_t parts

    cdef struct QuantizedInputs:
        const void* values
        const float* scales
        WindowShape shape

    cdef struct Int8:
        size_t (*row_size)(size_t width) noexcept nogil
        void (*quantize)(const float* rows, ptrdiff_t row_step, size_t count, size_t width, void* values,
                         float* scales) noexcept nogil
        size_t (*panel_size)(WindowShape shape, size_t columns, size_t pieces) noexcept nogil
        void (*pack)(Matrix right, WindowShape shape, size_t columns, size_t pieces,
                     int32_t* panels) noexcept nogil
        void (*product)(QuantizedInputs left, size_t rows, const int32_t* panels, size_t columns,
                        const float* bias, float* out, ptrdiff_t out_step) noexcept nogil
        void (*maxout_norm)(QuantizedInputs left, size_t rows, const int32_t* panels, size_t width,
                            size_t pieces, const float* bias, const float* gain, const float* shift,
                            MaxoutRows to) noexcept nogil
        size_t (*cached_size)(size_t width, size_t pieces) noexcept nogil
        void (*pack_cached)(const float* rows, size_t count, size_t width, size_t pieces,
                            void* cached) noexcept nogil
        void (*cached_maxout_norm)(const void* const* rows, size_t count, size_t width, size_t pieces,
                                   const float* bias, const float* gain, const float* shift,
                                   float* out) noexcept nogil

    cdef struct Isa:
        const char* name
        size_t (*panel_size)(size_t depth, size_t columns, size_t pieces) noexcept nogil
        void (*pack)(Matrix right, size_t depth, size_t columns, size_t pieces, float* panels) noexcept nogil
        void (*product)(Matrix left, size_t rows, size_t depth, const float* panels, size_t columns,
                        const float* bias, bint add, float* out, ptrdiff_t out_step) noexcept nogil
        void (*maxout_norm)(Matrix left, size_t rows, size_t depth, const float* panels, size_t width,
                            size_t pieces, const float* bias, const float* gain, const float* shift,
                            MaxoutRows to) noexcept nogil
        void (*summed_maxout_norm)(const float* const* rows, size_t parts, size_t count, size_t width,
                                   size_t pieces, const float* bias, const float* gain, const float* shift,
                                   float* out, ptrdiff_t out_step) noexcept nogil
        void (*cached_maxout_norm)(const void* const* rows, size_t count, size_t width, size_t pieces,
                                   const float* bias, const float* gain, const float* shift,
                                   float* out) noexcept nogil
        void (*maxout_norm_back)(const float* d_out, size_t rows, size_t width, size_t pieces,
                                 const float* argmax, const float* normed, const float* scale,
                                 const float* gain, float* d_pieces, float* d_bias, float* d_gain,
                                 float* d_shift) noexcept nogil
        size_t (*chosen_workspace_size)(size_t depth, size_t columns) noexcept nogil
        void (*chosen_product)(Matrix left, size_t rows, size_t depth, const float* right,
                               const float* argmax, size_t width, size_t pieces, float* workspace,
                               float* out) noexcept nogil
        void (*sum_maxout)(const float* row1, const float* row2, const float* row3, size_t width, float* best,
                           float* argmax) noexcept nogil
        void (*dropout)(float* values, size_t count, uint32_t low, uint32_t high, uint32_t threshold,
                        float scale) noexcept nogil
        void (*adam)(float* values, float* gradient, float* first, float* second, float* average,
                     const float* anchor, size_t count, AdamStep step) noexcept nogil
        const Int8* int8

    const Isa* find_isa(const char* name)

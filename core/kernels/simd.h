// The dense kernels of the network, in float32 and int8, compiled for several instruction sets (ISAs); the best is
// chosen at run time. Every kernel sums each output in an order that depends on the row alone, neither on its
// neighbours nor on the number of rows.
#pragma once

#include <cstddef>
#include <cstdint>

namespace nerture {

// Element (row, column) is at data[row * row_step + column * column_step]; rows may overlap.
struct Matrix {
    const float* data;
    std::ptrdiff_t row_step;
    std::ptrdiff_t column_step;
};

// What a maxout layer with layer norm writes, row by row. `residual`, added at the end, may be null. `argmax` (the
// piece that won), `normed` and `scale` are for the backward pass; either all three are null or none is.
struct MaxoutRows {
    float* out;
    std::ptrdiff_t out_step;
    const float* residual;
    std::ptrdiff_t residual_step;
    float* argmax;
    float* normed;
    float* scale;
};

// The constants of one step of Adam: the decay of the moments, their bias corrections (of the second, its square
// root), the step size, the share of the distance from the anchor that decay removes, the gradient's factor, and the
// share of the new values in the running average.
struct AdamStep {
    float beta1, beta2, first_correction, second_correction, epsilon, rate, shrink, clip, mix;
};

// The inputs of an int8 product: `parts` rows side by side (the tokens of a window), each of `width`.
struct WindowShape {
    std::size_t width, parts;
};

// Quantized rows: the values of row r times scales[r] approximate the original ones. The inputs of output row r are
// rows r, r + 1, ...
struct QuantizedInputs {
    const void* values;
    const float* scales;
    WindowShape shape;
};

// The int8 kernels of one instruction set. Rows and weights are quantized to whole numbers from -127 to 127; each row
// and each column of weights has its own scale.
struct Int8 {
    // Bytes of a quantized row.
    std::size_t (*row_size)(std::size_t width);

    // Quantize rows: the largest magnitude of a row becomes 127.
    void (*quantize)(const float* rows, std::ptrdiff_t row_step, std::size_t count, std::size_t width, void* values,
                     float* scales);

    // Units of 32 bits that `pack` writes for a right-hand side of shape.parts * shape.width x columns.
    std::size_t (*panel_size)(WindowShape shape, std::size_t columns, std::size_t pieces);
    void (*pack)(Matrix right, WindowShape shape, std::size_t columns, std::size_t pieces, std::int32_t* panels);

    // As `product` and `maxout_norm` of an Isa, with quantized inputs and weights.
    void (*product)(QuantizedInputs left, std::size_t rows, const std::int32_t* panels, std::size_t columns,
                    const float* bias, float* out, std::ptrdiff_t out_step);
    void (*maxout_norm)(QuantizedInputs left, std::size_t rows, const std::int32_t* panels, std::size_t width,
                        std::size_t pieces, const float* bias, const float* gain, const float* shift, MaxoutRows to);

    // Convert the cached rows of an Isa's `cached_maxout_norm` to those of this one, cached_size(width, pieces) bytes
    // each: the products are quantized to -32767 .. 32767.
    std::size_t (*cached_size)(std::size_t width, std::size_t pieces);
    void (*pack_cached)(const float* rows, std::size_t count, std::size_t width, std::size_t pieces, void* cached);
    void (*cached_maxout_norm)(const void* const* rows, std::size_t count, std::size_t width, std::size_t pieces,
                               const float* bias, const float* gain, const float* shift, float* out);
};

// The kernels of one instruction set.
struct Isa {
    const char* name;

    // Floats that `pack` writes for a right-hand side of depth x columns.
    std::size_t (*panel_size)(std::size_t depth, std::size_t columns, std::size_t pieces);

    // Pack a right-hand side into panels, in the order in which the kernels read it. `pieces` 0: for `product`; else
    // for `maxout_norm`, whose column p * width + w is piece p of output w.
    void (*pack)(Matrix right, std::size_t depth, std::size_t columns, std::size_t pieces, float* panels);

    // out (rows x columns) = left (rows x depth) * right + bias; `bias` may be null; `add`: += instead.
    void (*product)(Matrix left, std::size_t rows, std::size_t depth, const float* panels, std::size_t columns,
                    const float* bias, bool add, float* out, std::ptrdiff_t out_step);

    // Product, bias, maxout over the pieces, layer norm, residual.
    void (*maxout_norm)(Matrix left, std::size_t rows, std::size_t depth, const float* panels,
                        std::size_t width, std::size_t pieces, const float* bias, const float* gain,
                        const float* shift, MaxoutRows to);

    // The same from products that are already computed and only have to be summed: rows[r * parts] and the following
    // (null: zeros), each of pieces * width. Writes `count` rows.
    void (*summed_maxout_norm)(const float* const* rows, std::size_t parts, std::size_t count, std::size_t width,
                               std::size_t pieces, const float* bias, const float* gain, const float* shift,
                               float* out, std::ptrdiff_t out_step);

    // The same for windows of cached rows: rows[r] (null: zeros) holds a row's vector (width), followed by its
    // products (3 * pieces * width) as the first, the middle and the last row of a window. The vectors are the
    // residuals. Writes out[r] for 0 < r < count - 1.
    void (*cached_maxout_norm)(const void* const* rows, std::size_t count, std::size_t width,
                               std::size_t pieces, const float* bias, const float* gain, const float* shift,
                               float* out);

    // The backward pass of `maxout_norm`: writes d_pieces (rows x pieces * width), adds to the others.
    void (*maxout_norm_back)(const float* d_out, std::size_t rows, std::size_t width, std::size_t pieces,
                             const float* argmax, const float* normed, const float* scale, const float* gain,
                             float* d_pieces, float* d_bias, float* d_gain, float* d_shift);

    // out (depth x pieces * width) += the transpose of left (rows x depth) times right (rows x pieces * width). For
    // each output, a row of `right` is nonzero only in the piece that `argmax` (rows x width) names. Sums in the same
    // order as `product`. `workspace` has chosen_workspace_size(depth, pieces * width) floats; left's columns are
    // contiguous.
    std::size_t (*chosen_workspace_size)(std::size_t depth, std::size_t columns);
    void (*chosen_product)(Matrix left, std::size_t rows, std::size_t depth, const float* right, const float* argmax,
                           std::size_t width, std::size_t pieces, float* workspace, float* out);

    // Add three rows of two pieces (each of `width`); write the larger piece and its number (`argmax` may be null);
    // the first wins a tie.
    void (*sum_maxout)(const float* row1, const float* row2, const float* row3, std::size_t width, float* best,
                       float* argmax);

    // Zero the values whose noise (24 bits, a hash of their index and the 64-bit key `high`, `low`) is below the
    // threshold, and scale the others.
    void (*dropout)(float* values, std::size_t count, std::uint32_t low, std::uint32_t high,
                    std::uint32_t threshold, float scale);

    // One step of Adam (Kingma & Ba 2015) with decoupled decay towards `anchor` (null: zeros), which also updates the
    // running average. The gradient is set to zero.
    void (*adam)(float* values, float* gradient, float* first, float* second, float* average,
                 const float* anchor, std::size_t count, AdamStep step);

    const Int8* int8;
};

// Return the instruction set of this name, or the best one for an empty name; null if this machine does not have it.
const Isa* find_isa(const char* name);

}  // namespace nerture

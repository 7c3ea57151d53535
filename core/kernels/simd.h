// The dense kernels of the network, in float32 and in int8, compiled for several instruction sets; the best is chosen when
// the program runs. Every kernel sums each output in one order that depends on nothing but the row itself: not
// on the rows beside it, nor on how many there are.
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

// What a maxout layer with layer norm writes, row by row. `residual` may be null: a row that is added at the
// end. `which`, `normed` and `scale` are for the backward pass; all three or none are null.
struct MaxoutRows {
    float* out;
    std::ptrdiff_t out_step;
    const float* residual;
    std::ptrdiff_t residual_step;
    float* which;
    float* normed;
    float* scale;
};

// The numbers of one step of Adam: the moments' factors, what they are scaled by for their start at zero, the
// step size, the share of the distance from the anchor that is taken away, the gradient's factor, and the share
// of the new values in their average.
struct AdamStep {
    float beta1, beta2, grown, root, epsilon, rate, shrink, clip, mix;
};

// The inputs of an int8 product: `parts` rows side by side (the tokens of a window), each of `width`.
struct StepShape {
    std::size_t width, parts;
};

// Rows in whole steps: row r times scales[r] is what they stand for. The inputs of row r are rows r, r + 1, ...
struct StepRows {
    const void* steps;
    const float* scales;
    StepShape shape;
};

// Kernels of one instruction set that multiply whole numbers: rows and weights are rounded to 127 steps on either
// side of zero, each row and each column of weights with a scale of its own.
struct Int8 {
    // Bytes that a row takes in steps.
    std::size_t (*row_size)(std::size_t width);

    // Round rows to the nearest step; 127 of them are a row's largest value.
    void (*to_steps)(const float* rows, std::ptrdiff_t row_step, std::size_t count, std::size_t width, void* steps,
                     float* scales);

    // Units of 32 bits that `pack` writes for a right-hand side of shape.parts * shape.width x columns.
    std::size_t (*panel_size)(StepShape shape, std::size_t columns, std::size_t pieces);
    void (*pack)(Matrix right, StepShape shape, std::size_t columns, std::size_t pieces, std::int32_t* panels);

    // What `product` and `maxout_norm` of a Level do, by steps.
    void (*product)(StepRows left, std::size_t rows, const std::int32_t* panels, std::size_t columns,
                    const float* bias, float* out, std::ptrdiff_t out_step);
    void (*maxout_norm)(StepRows left, std::size_t rows, const std::int32_t* panels, std::size_t width,
                        std::size_t pieces, const float* bias, const float* gain, const float* shift, MaxoutRows to);

    // Round rows as `known_maxout_norm` of a Level has them to what this one has: the products in 32767 steps on
    // either side of zero, in kept_size(width, pieces) bytes.
    std::size_t (*kept_size)(std::size_t width, std::size_t pieces);
    void (*keep)(const float* rows, std::size_t count, std::size_t width, std::size_t pieces, void* kept);
    void (*known_maxout_norm)(const void* const* rows, std::size_t count, std::size_t width, std::size_t pieces,
                              const float* bias, const float* gain, const float* shift, float* out);
};

// The kernels of one instruction set.
struct Level {
    const char* name;

    // Floats that `pack` writes for a right-hand side of depth x columns.
    std::size_t (*panel_size)(std::size_t depth, std::size_t columns, std::size_t pieces);

    // Lay a right-hand side out as the kernels read it. `pieces` 0: for `product`; else for `maxout_norm`, whose
    // column p * width + w is piece p of output w.
    void (*pack)(Matrix right, std::size_t depth, std::size_t columns, std::size_t pieces, float* panels);

    // out (rows x columns) = left (rows x depth) * right + bias; `bias` may be null; `add`: += instead.
    void (*product)(Matrix left, std::size_t rows, std::size_t depth, const float* panels, std::size_t columns,
                    const float* bias, bool add, float* out, std::ptrdiff_t out_step);

    // Product, bias, maxout over the pieces, layer norm, residual.
    void (*maxout_norm)(Matrix left, std::size_t rows, std::size_t depth, const float* panels,
                        std::size_t width, std::size_t pieces, const float* bias, const float* gain,
                        const float* shift, MaxoutRows to);

    // The same where each row's products are known and only to be summed: rows[r * parts] and on (null: zeros), each
    // of pieces * width. Writes `count` rows.
    void (*summed_maxout_norm)(const float* const* rows, std::size_t parts, std::size_t count, std::size_t width,
                               std::size_t pieces, const float* bias, const float* gain, const float* shift,
                               float* out, std::ptrdiff_t out_step);

    // The same of windows: rows[r] (null: zeros) are the floats of a row's vector (width) and of
    // its products (3 * pieces * width) as the first, the middle and the last of a window, side by side. The vectors
    // are the residuals. Writes out[r] for 0 < r < count - 1.
    void (*known_maxout_norm)(const void* const* rows, std::size_t count, std::size_t width,
                              std::size_t pieces, const float* bias, const float* gain, const float* shift,
                              float* out);

    // The way back through layer norm and maxout: writes d_pieces (rows x pieces * width), adds to the others.
    void (*maxout_norm_back)(const float* d_out, std::size_t rows, std::size_t width, std::size_t pieces,
                             const float* which, const float* normed, const float* scale, const float* gain,
                             float* d_pieces, float* d_bias, float* d_gain, float* d_shift);

    // out (depth x pieces * width) += the transpose of left (rows x depth) times right (rows x pieces * width), of
    // which each row holds but one piece of each output: `which` (rows x width) says which one. Sums as `product`
    // does. `room` is for chosen_room(depth, pieces * width) floats; left's columns lie side by side.
    std::size_t (*chosen_room)(std::size_t depth, std::size_t columns);
    void (*chosen_product)(Matrix left, std::size_t rows, std::size_t depth, const float* right, const float* which,
                           std::size_t width, std::size_t pieces, float* room, float* out);

    // Add three rows of two pieces (each of `width`); write the larger, and which (may be null); the first wins a
    // tie.
    void (*sum_largest)(const float* one, const float* two, const float* three, std::size_t width, float* best,
                        float* which);

    // Zero the values whose noise (24 bits, a hash of their index and the 64-bit key `high`, `low`) is below the
    // threshold, and scale the others.
    void (*dropout)(float* values, std::size_t count, std::uint32_t low, std::uint32_t high,
                    std::uint32_t threshold, float scale);

    // One step of Adam (Kingma & Ba 2015) with decoupled decay towards `anchor` (null: zeros), and the running
    // average. The gradient becomes zero.
    void (*adam)(float* values, float* gradient, float* first, float* second, float* average,
                 const float* anchor, std::size_t count, AdamStep step);

    const Int8* int8;
};

// Return the level of this name, or the best one for an empty name; null where there is none on this machine.
const Level* find_level(const char* name);

}  // namespace nerture

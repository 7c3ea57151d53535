"""Matrix products and inner loops, compiled for several instruction sets; the best is chosen at run time.

``simd.h`` declares the kernels, ``simd.cpp`` compiles ``simd_float32.h``, ``simd_cached.h``,
``simd_training.h`` and ``simd_int8.h`` once for each instruction set (ISA); ``dense`` and ``int8`` are their
Python side. ``simd_shapes.pxd`` checks shapes, which the kernels trust; ``row_loops.pxd`` and ``hashing.pxd``
are loops and hashes for other modules.

Words: *packed* weights are copied into *panels*, blocks of columns in the order in which the kernels read
them; *quantized* values are small integers with a common scale; *cached* products are those of a word form
with the first block's weights, computed once and kept.

Imports ``core.errors`` only.
"""

"""Matrix products and inner loops, compiled for several instruction sets and chosen at run time.

``simd.h`` declares the kernels, ``simd.cpp`` compiles ``simd_float32.h``, ``simd_cached.h``,
``simd_training.h`` and ``simd_int8.h`` once for each instruction set; ``dense`` and ``int8`` are their Python
side. ``simd_shapes.pxd`` checks shapes before the kernels trust them; ``row_loops.pxd`` and ``hashing.pxd``
are loops and hashes for other modules.

Imports ``core.errors`` only.
"""

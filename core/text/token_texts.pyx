"""The texts of a text's tokens."""

from libc.stdint cimport int32_t


def slice_tokens(str text not None, const int32_t[:, ::1] offsets):
    """Return each token's text; ``offsets``, int32 (N, 2), are the tokens' ``[start_char, end_char)``."""
    cdef Py_ssize_t token
    return [text[offsets[token, 0]:offsets[token, 1]] for token in range(offsets.shape[0])]

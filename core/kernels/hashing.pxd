"""64-bit hashing of code points and of hashes: the same on every machine."""

from libc.stdint cimport uint32_t, uint64_t


cdef inline uint64_t mix64(uint64_t value) noexcept nogil:
    """Scramble all bits (the finaliser of SplitMix64, Steele et al. 2014)."""
    value = value + <uint64_t>0x9E3779B97F4A7C15
    value = (value ^ (value >> 30)) * <uint64_t>0xBF58476D1CE4E5B9
    value = (value ^ (value >> 27)) * <uint64_t>0x94D049BB133111EB
    return value ^ (value >> 31)


cdef inline uint64_t join64(uint64_t left, uint64_t right) noexcept nogil:
    """Hash an ordered pair of hashes."""
    return mix64(left * <uint64_t>0x9DDFEA08EB382D69 + right)


cdef enum:
    # what noise is for: one seed serves all without their drawing alike
    DROPPED = 1
    HIDDEN = 2
    EXPLORED = 3
    DRAWN = 4
    HIDDEN_SINGLY = 5
    REPLACED = 6


cdef enum:
    NOISES = 16_777_216  # different noises of a value that may be dropped: 24 bits


cdef inline uint32_t scramble32(uint32_t value) noexcept nogil:
    """Scramble all bits of a short number (C. Wellons, "Prospecting for hash functions", 2018: lowbias32)."""
    value = (value ^ (value >> 16)) * <uint32_t>0x7feb352d
    value = (value ^ (value >> 15)) * <uint32_t>0x846ca68b
    return value ^ (value >> 16)


cdef inline uint64_t key_of(uint64_t seed, uint64_t purpose) noexcept nogil:
    """Return the key of a noise: ``mix64(key + index)`` is then unlike that of any other seed or purpose."""
    return join64(mix64(seed), purpose)


cdef inline uint64_t hash_text(str text, uint64_t salt):
    """Hash a text's code points."""
    cdef uint64_t value = mix64(salt)
    cdef Py_UCS4 character
    for character in text:
        value = (value ^ <uint64_t>character) * <uint64_t>0x100000001B3
    return mix64(value)

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
    # purposes of random numbers: one seed serves all of them, and each gets its own stream
    DROPPED = 1        # activations, by dropout
    HIDDEN = 2         # words, by word dropout
    EXPLORED = 3       # steps of imitation that follow the model
    DRAWN = 4          # sampled derivations
    HIDDEN_SINGLY = 5  # single attributes, by attribute dropout
    REPLACED = 6       # known words that are replaced by the unknown word


cdef enum:
    NOISE_VALUES = 16_777_216  # values of the noise that dropout compares with its rate: 24 bits


cdef inline uint32_t scramble32(uint32_t value) noexcept nogil:
    """Scramble all bits (lowbias32: C. Wellons, "Prospecting for hash functions", 2018)."""
    value = (value ^ (value >> 16)) * <uint32_t>0x7feb352d
    value = (value ^ (value >> 15)) * <uint32_t>0x846ca68b
    return value ^ (value >> 16)


cdef inline uint64_t make_key(uint64_t seed, uint64_t purpose) noexcept nogil:
    """Return the key of a random stream, ``mix64(key + index)``, for this seed and purpose alone."""
    return join64(mix64(seed), purpose)


cdef inline uint64_t hash_text(str text, uint64_t salt):
    """Hash a text's code points."""
    cdef uint64_t value = mix64(salt)
    cdef Py_UCS4 character
    for character in text:
        value = (value ^ <uint64_t>character) * <uint64_t>0x100000001B3
    return mix64(value)

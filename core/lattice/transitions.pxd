"""The transition system: BILUO actions over the state (token, first token of the open entity).

| action | state needed | valid when | next state |
|---|---|---|---|
| O | nothing open | always | nothing open |
| B-l | nothing open | another token follows, and entities may have two tokens | an l is open since here |
| U-l | nothing open | always | nothing open |
| I-l | an l is open | another token follows, and the entity may be that long | the l stays open |
| L-l | an l is open | always | nothing open |

So the end of the text can be reached from every reachable state. ``length`` is the number of tokens of the
text, ``longest`` the maximal number of tokens of an entity.
"""


cdef inline bint can_begin(Py_ssize_t token, Py_ssize_t length, Py_ssize_t longest) noexcept nogil:
    """B-l: the entity takes this token and at least the next."""
    return token + 1 < length and longest > 1


cdef inline bint can_continue(Py_ssize_t token, Py_ssize_t start, Py_ssize_t length,
                              Py_ssize_t longest) noexcept nogil:
    """I-l: the entity takes the tokens from ``start`` to this one and at least the next."""
    return token + 1 < length and token + 2 - start <= longest

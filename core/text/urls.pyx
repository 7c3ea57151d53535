"""Web and e-mail addresses, recognised in one pass over their characters."""


cdef bint is_address(str text, Py_ssize_t start, Py_ssize_t stop):
    """Say whether ``text[start:stop]`` is an address as a whole.

    An address is ``[scheme://][anything@]host[:port][/path | ?query | #fragment]``. Its host is names
    with dots between, the last of 2 to 63 lower-case letters, or four numbers; right after a scheme any
    name will do. Each character is read a fixed number of times.
    """
    cdef Py_ssize_t here, host = _after_scheme(text, start, stop)
    if _is_host_to_end(text, host, stop, host > start):
        return True
    for here in range(start + 1, stop - 1):
        if text[here] == u"@" and _is_host_to_end(text, here + 1, stop, False):
            return True
    return False


cdef Py_ssize_t _after_scheme(str text, Py_ssize_t start, Py_ssize_t stop):
    """Return where the host begins: behind ``scheme://``, or at ``start`` where there is none."""
    cdef Py_ssize_t here = start
    while here < stop and (text[here].isalnum() or text[here] in u"+-._"):
        here += 1
    if here - start < 2 or here + 3 >= stop or text[here] != u":":
        return start
    return here + 3 if text[here + 1] == text[here + 2] == u"/" else start


cdef bint _is_host_to_end(str text, Py_ssize_t start, Py_ssize_t stop, bint any_name):
    """Say whether a host begins at ``start`` and only a port and a path follow it."""
    cdef Py_ssize_t here = start, label = start, names = 1, numbers = 0
    cdef bint digits = True, lower = True
    while here < stop and (text[here].isalnum() or text[here] in u"_-."):
        if text[here] == u".":
            if not _is_name(text, label, here):
                return False
            names += 1
            numbers += digits
            label = here + 1
            digits = lower = True
        else:
            digits = digits and text[here].isdigit()
            lower = lower and text[here].islower()
        here += 1
    if not _is_name(text, label, here):
        return False
    if not (
        any_name
        or (names >= 2 and lower and here - label >= 2)
        or (names == 4 and numbers == 3 and digits)
    ):
        return False
    if here < stop and text[here] == u":":
        label = here + 1
        here = label
        while here < stop and u"0" <= text[here] <= u"9":
            here += 1
        if not 2 <= here - label <= 5:
            return False
    return here == stop or text[here] in u"/?#"


cdef bint _is_name(str text, Py_ssize_t start, Py_ssize_t stop):
    """Say whether ``text[start:stop]`` is a host's name: 1 to 63 long, letters or digits at its ends."""
    return 1 <= stop - start <= 63 and text[start].isalnum() and text[stop - 1].isalnum()

"""Recognition of web and e-mail addresses, in one pass over their characters."""


cdef bint is_address(str text, Py_ssize_t start, Py_ssize_t stop):
    """Return True if ``text[start:stop]`` as a whole is an address.

    An address is ``[scheme://][anything@]host[:port][/path | ?query | #fragment]``. Its host is names
    separated by dots, the last of 2 to 63 lower-case letters, or four numbers; after a scheme, any name is
    accepted. Each character is read a bounded number of times.
    """
    cdef Py_ssize_t position, host = _after_scheme(text, start, stop)
    if _is_host_to_end(text, host, stop, host > start):
        return True
    for position in range(start + 1, stop - 1):
        if text[position] == u"@" and _is_host_to_end(text, position + 1, stop, False):
            return True
    return False


cdef Py_ssize_t _after_scheme(str text, Py_ssize_t start, Py_ssize_t stop):
    """Return where the host begins: after ``scheme://``, or at ``start`` if there is none."""
    cdef Py_ssize_t position = start
    while position < stop and (text[position].isalnum() or text[position] in u"+-._"):
        position += 1
    if position - start < 2 or position + 3 >= stop or text[position] != u":":
        return start
    return position + 3 if text[position + 1] == text[position + 2] == u"/" else start


cdef bint _is_host_to_end(str text, Py_ssize_t start, Py_ssize_t stop, bint any_name):
    """Return True if a host begins at ``start`` and only a port and a path follow it."""
    cdef Py_ssize_t position = start, label = start, names = 1, numbers = 0
    cdef bint digits = True, lower = True
    while position < stop and (text[position].isalnum() or text[position] in u"_-."):
        if text[position] == u".":
            if not _is_name(text, label, position):
                return False
            names += 1
            numbers += digits
            label = position + 1
            digits = lower = True
        else:
            digits = digits and text[position].isdigit()
            lower = lower and text[position].islower()
        position += 1
    if not _is_name(text, label, position):
        return False
    if not (
        any_name
        or (names >= 2 and lower and position - label >= 2)
        or (names == 4 and numbers == 3 and digits)
    ):
        return False
    if position < stop and text[position] == u":":
        label = position + 1
        position = label
        while position < stop and u"0" <= text[position] <= u"9":
            position += 1
        if not 2 <= position - label <= 5:
            return False
    return position == stop or text[position] in u"/?#"


cdef bint _is_name(str text, Py_ssize_t start, Py_ssize_t stop):
    """Return True for a name of a host: 1 to 63 characters, with letters or digits at its ends."""
    return 1 <= stop - start <= 63 and text[start].isalnum() and text[stop - 1].isalnum()

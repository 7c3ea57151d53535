from nerture.core.format_json import MAX_CHARS, format_json, shorten


def test_values_are_written_as_json():
    for value, text in [
        ('naïve "x"', '"naïve \\"x\\""'),
        (True, "true"),
        (None, "null"),
        (1.5, "1.5"),
        (float("inf"), "Infinity"),
        ([1, "a"], '[1, "a"]'),
        ({"a": [None]}, '{"a": [null]}'),
    ]:
        assert format_json(value) == text


def test_length_and_depth_are_bounded():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    for value in ("x" * 10_000, list(range(1000)), {str(key): key for key in range(1000)}, 10**1000, deep):
        assert len(format_json(value)) <= MAX_CHARS
    assert format_json(deep) == "[[[[...]]]]"
    assert shorten("abcdef", 5) == "ab..."
    assert shorten("abcde", 5) == "abcde"

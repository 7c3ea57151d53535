from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nerture.core.text.lexical import normalize_surface


@pytest.mark.parametrize(
    ("text", "surface"),
    [
        ("United  States", "united states"),
        ("  a\n\tB ", "a b"),
        ("", ""),
        ("\u00a0x\u2003y", "x y"),
        ("ẞ", "ß"),
    ],
)
def test_surfaces(text, surface):
    assert normalize_surface(text) == surface


@given(st.text(st.sampled_from("aBÄß İ\n\t\u00a0\u3000")))
def test_case_and_whitespace_do_not_matter(text):
    surface = normalize_surface(text)
    assert normalize_surface(surface) == surface
    assert normalize_surface(f"  {text}\n") == surface
    assert surface.split(" ") == surface.split() or not surface

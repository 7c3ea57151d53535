"""The public names of plugins: every one is there, imported late where it can be, and typed as it is."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import nerture
from nerture import interfaces


def typed_imports():
    """Yield module and name of the imports that only type checkers see."""
    tree = ast.parse(Path(interfaces.__file__).read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        yield from ((node.module, alias.name) for alias in node.names)


def test_every_name_is_there():
    for name in interfaces.__all__:
        assert getattr(interfaces, name) is not None
    assert len(set(interfaces.__all__)) == len(interfaces.__all__)
    assert dir(interfaces) == sorted(interfaces.__all__)


def test_what_is_imported_late_is_what_type_checkers_see():
    late = {(home, name) for home, names in interfaces._HOMES.items() for name in names}
    assert late == set(typed_imports())
    for home, name in late:
        assert getattr(interfaces, name) is getattr(import_module(home), name)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'Docs'"):
        _ = interfaces.Docs


def test_patterns_are_imported_late():
    code = (
        "import sys, nerture.interfaces\n"
        "late = ('nerture.patterns', 'nerture.core.text.english')\n"
        "assert not [name for name in sys.modules if name.startswith(late)]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_package_offers_what_its_users_need():
    assert dir(nerture) == sorted(nerture.__all__)
    assert {"Doc", "Model", "Span", "Token", "errors", "hookimpl", "interfaces", "load", "train"} < {
        *dir(nerture)
    }
    assert nerture.interfaces is interfaces
    assert nerture.errors is import_module("nerture.errors")

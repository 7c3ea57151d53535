"""The build step in a small copy of a repository: which modules are found, and where they are linked."""

from __future__ import annotations

import pytest

pytest.importorskip("Cython.Build", reason="Cython is not installed: nothing to build with")
pytest.importorskip("setuptools", reason="setuptools is not installed: nothing to build with")

from nerture.core import _build


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A few sources; the bigger one has to come first."""
    monkeypatch.chdir(tmp_path)
    sources = {
        "core/small.pyx": 10,
        "core/room/big.pyx": 99,
        "patterns/middle.pyx": 50,
        "framework/no.pyx": 70,
    }
    for name, size in sources.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("#" * size)
    (tmp_path / "core" / "plain.py").write_text("")
    (tmp_path / "framework" / "__init__.py").write_text("")
    return tmp_path


def test_every_pyx_of_the_compiled_rooms_is_a_module_and_the_largest_comes_first(repository):
    found = [(extension.name, extension.sources) for extension in _build.find_extensions()]
    assert found == [
        ("nerture.core.room.big", ["core/room/big.pyx"]),
        ("nerture.patterns.middle", ["patterns/middle.pyx"]),
        ("nerture.core.small", ["core/small.pyx"]),
    ]


def test_sources_of_equal_size_are_ordered_by_name(repository):
    (repository / "core" / "a.pyx").write_text("#" * 10)
    assert [extension.name for extension in _build.find_extensions()][-2:] == [
        "nerture.core.a", "nerture.core.small",
    ]  # fmt: skip


def test_the_tree_links_each_folder_under_its_import_name(repository):
    _build.link_tree({"nerture": "framework", "nerture.core": "core", "nerture.patterns": "patterns"})
    tree = repository / "build" / "tree" / "nerture"
    assert {path.name for path in tree.iterdir()} == {"__init__.py", "no.pyx", "core", "patterns"}
    assert (tree / "core" / "room" / "big.pyx").resolve() == repository / "core" / "room" / "big.pyx"
    assert all(path.is_symlink() for path in tree.iterdir()), "what is edited is what is imported"


def test_what_has_moved_leaves_no_link_behind(repository):
    _build.link_tree({"nerture": "framework", "nerture.core": "core"})
    (repository / "framework" / "no.pyx").rename(repository / "framework" / "yes.pyx")
    _build.link_tree({"nerture": "framework"})
    tree = repository / "build" / "tree" / "nerture"
    assert {path.name for path in tree.iterdir()} == {"__init__.py", "yes.pyx"}

"""What pyproject.toml says of the sources: every package, every data file, every room of the contracts."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest

from .support.repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETUPTOOLS = PROJECT["tool"]["setuptools"]
ROOMS = {folder: name for name, folder in SETUPTOOLS["package-dir"].items()}
CONTRACTS = PROJECT["tool"]["importlinter"]["contracts"]
CODE = (".py", ".pyx", ".pxd", ".pyi", ".h", ".cpp", ".so")


def files() -> list[Path]:
    """Every file of the sources, from the repository on, but what building and running leave there."""
    found = [path for room in ROOMS for path in (ROOT / room).rglob("*") if path.is_file()]
    return [path.relative_to(ROOT) for path in found if "__pycache__" not in path.parts]


def package_of(folder: Path) -> str:
    """The import name of a folder of the sources."""
    return ".".join([ROOMS[folder.parts[0]], *folder.parts[1:]])


PACKAGES = sorted({path.parent for path in files() if path.name == "__init__.py"})


def test_the_packages_are_the_folders_that_hold_sources() -> None:
    code = {path.parent for path in files() if path.suffix in (".py", ".pyx")}
    assert code == set(PACKAGES), "each has an __init__.py"
    assert len(set(SETUPTOOLS["packages"])) == len(SETUPTOOLS["packages"])
    assert set(SETUPTOOLS["packages"]) == {package_of(folder) for folder in PACKAGES}


def test_every_data_file_comes_with_its_package() -> None:
    globs = SETUPTOOLS["package-data"]
    assert set(globs) - {"*"} <= set(SETUPTOOLS["packages"])
    left_out = []
    for path in files():
        if path.suffix in CODE and path.suffix != ".pyi":
            continue
        folder = next(parent for parent in path.parents if parent in PACKAGES)
        wanted = [*globs.get(package_of(folder), ()), *globs["*"]]
        name = str(path.relative_to(folder))
        if not any(fnmatch(name, glob) and name.count("/") == glob.count("/") for glob in wanted):
            left_out.append(str(path))
    assert left_out == []


@pytest.mark.parametrize(
    ("package", "glob"),
    [(name, glob) for name, globs in SETUPTOOLS["package-data"].items() if name != "*" for glob in globs],
)
def test_no_glob_of_package_data_is_stale(package: str, glob: str) -> None:
    [folder] = [folder for folder in PACKAGES if package_of(folder) == package]
    assert list((ROOT / folder).glob(glob))


@pytest.mark.parametrize(
    "contract", [one for one in CONTRACTS if one["type"] == "layers"], ids=lambda one: one["name"]
)
def test_a_contract_of_layers_names_every_module_of_its_package(contract: dict) -> None:
    assert contract["exhaustive"]
    [container] = contract["containers"]
    [folder] = [folder for folder in PACKAGES if package_of(folder) == container]
    modules = {path.stem for path in (ROOT / folder).glob("*.py*") if path.suffix in (".py", ".pyx")}
    modules |= {package_of(one).removeprefix(f"{container}.") for one in PACKAGES}
    modules = {name for name in modules if "." not in name and name not in ("__init__", "nerture")}
    named = [part.strip() for layer in contract["layers"] for part in layer.split("|")]
    assert sorted(named) == sorted(modules)


def test_the_modules_with_sources_of_their_own_have_all_of_them() -> None:
    for module in SETUPTOOLS["ext-modules"]:
        assert all((ROOT / path).is_file() for path in [*module["sources"], *module["depends"]])
        folder = Path(module["sources"][0]).parent
        named = {Path(path) for path in [*module["sources"], *module["depends"]]}
        assert {path for path in files() if path.parent == folder and path.suffix in (".h", ".cpp")} <= named


def test_every_folder_of_tests_is_named_after_sources_and_holds_few_files() -> None:
    tests = ROOT / "tests"
    own = {"docs", "fuzz", "scenarios", "support"}
    folders = {path.parent for path in tests.rglob("*.py")}
    for folder in folders:
        assert len(list(folder.glob("*.py"))) <= 20
        place = folder.relative_to(tests)
        if place.parts and place.parts[0] not in own:
            assert (ROOT / place).is_dir(), f"tests/{place} mirrors no folder of the sources"

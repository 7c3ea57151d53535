import importlib.metadata
import os
import subprocess
import sys

import pytest

from nerture.errors import ConfigError
from nerture.hosting.manager import make_manager
from nerture.hosting.new_plugin import write_plugin


@pytest.fixture
def package(tmp_path):
    return write_plugin("my-dates", tmp_path)


def run(*arguments, cwd, **environ):
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_is_written(package):
    written = sorted(str(path.relative_to(package)) for path in package.rglob("*") if path.is_file())
    assert written == ["README.md", "my_dates.py", "pyproject.toml", "tests/test_my_dates.py"]
    assert not [path for path in package.rglob("*") if path.is_file() and "$" in path.name]
    assert [path.name for path in package.parent.iterdir()] == ["my-dates"]


def test_it_passes_its_own_tests(package):
    done = run("-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", cwd=package)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


def test_installed_its_parts_are_there(package, tmp_path, monkeypatch):
    try:
        importlib.metadata.version("setuptools")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("setuptools is not installed, and is needed to install a package without a network")
    site = tmp_path / "site"
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--disable-pip-version-check"]
    done = run("-m", "pip", "install", *options, "--target", str(site), ".", cwd=package)
    assert done.returncode == 0, done.stdout + done.stderr
    monkeypatch.syspath_prepend(site)
    manager = make_manager(builtin=(), environ={})
    (plugin,) = [plugin for plugin in manager.loaded if plugin.name == "my-dates"]
    assert plugin.parts == ("matcher my-dates", "loss my-dates")
    assert (plugin.version, plugin.origin) == ("0.1.0", "package my-dates")
    del sys.modules["my_dates"]


def test_nothing_is_overwritten(package):
    before = (package / "my_dates.py").read_text()
    (package / "my_dates.py").write_text("mine")
    with pytest.raises(ConfigError, match="already exists"):
        write_plugin("my-dates", package.parent)
    assert (package / "my_dates.py").read_text() == "mine" != before


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Upper",
        "a b",
        "../up",
        "a/b",
        "-a",
        "a-",
        "a--b",
        "1a",
        "ä",
        "a.b",
        "x" * 61,
        "class",
        "json",
        "nerture",
        "numpy",
    ],
)
def test_unsafe_names(tmp_path, name):
    with pytest.raises(ConfigError, match="plugin name"):
        write_plugin(name, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"):
        write_plugin("mine", tmp_path / "file" / "below")

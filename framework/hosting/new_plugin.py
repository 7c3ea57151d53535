"""``nerture new-plugin NAME``: write an installable plugin that passes its own tests."""

from __future__ import annotations

import keyword
import re
import shutil
import sys
import tempfile
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from nerture.errors import ConfigError

SAFE = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*")
SUFFIX = ".tmpl"


def write_plugin(name: str, folder: Path) -> Path:
    """Write the package ``folder / name`` and return its path.

    Raises ``ConfigError`` if the name is not lower-case words joined by ``-`` or ``_``, if its module would
    hide a module of Python or nerture, if the folder cannot be written, or if the path exists.
    """
    from nerture import __version__

    module = name.replace("-", "_")
    if not SAFE.fullmatch(name) or len(name) > 60:
        raise ConfigError(
            f'plugin name: expected lower-case words joined by "-" or "_", such as my-plugin, got "{name}"'
        )
    if keyword.iskeyword(module) or module in {*sys.stdlib_module_names, "nerture", "numpy", "tests", "test"}:
        raise ConfigError(
            f'plugin name "{name}": its module {module} would hide another; choose another name'
        )
    place = folder / name
    if place.exists():
        raise ConfigError(f"{place}: already exists; nothing was written")
    words = {"name": name, "module": module, "nerture": __version__}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, prefix=f".{name}-") as scratch:
            package = Path(scratch) / name
            _write(files("nerture.hosting") / "plugin_template", package, words)
            shutil.move(package, place)  # all of it or nothing
    except OSError as error:
        raise ConfigError(f"{place}: cannot be written: {error.strerror or error}") from error
    return place


def _write(template: Traversable, place: Path, words: dict[str, str]) -> None:
    """Copy a folder of templates, with ``words`` filled in."""
    place.mkdir()
    for entry in template.iterdir():
        if entry.is_dir() and entry.name != "__pycache__":
            _write(entry, place / entry.name, words)
        elif entry.name.endswith(SUFFIX):
            name = entry.name.removesuffix(SUFFIX).replace("module", words["module"])
            text = Template(entry.read_text(encoding="utf-8")).substitute(words)
            (place / name).write_text(text, encoding="utf-8")

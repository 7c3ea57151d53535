"""The pages for maintainers are true: their pictures are up to date, and what they name exists."""

import re
import subprocess
import sys
from functools import cache

import pytest

from ..support.repository import DOCS, ROOT

PAGES = sorted((DOCS / "architecture").glob("*.md"))
DESCRIPTIONS = sorted((DOCS / "architecture").glob("*.txt"))
FOLDERS = ("benchmarks", "core", "docs", "framework", "patterns", "plugins", "tests")
NAMED = re.compile(r"`([^`\n]+)`")
FILE = re.compile(r"[\w./-]+\.(?:py|pyx|pxd|h|cpp|js|md|svg|txt|json|toml|yml)")
NAME = re.compile(r"\b(?:[A-Z][a-z]+(?:[A-Z][a-z0-9]+)+|[A-Za-z]+(?:_[A-Za-z0-9]+)+)\b")


@cache
def files():
    return [
        f"/{path.relative_to(ROOT).as_posix()}"
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*")
        if path.suffix and "__pycache__" not in path.parts
    ]


@cache
def words_of_the_sources():
    suffixes = (".py", ".pyx", ".pxd", ".h", ".cpp", ".js")
    return {
        word
        for name in files()
        if name.endswith(suffixes) and not name.startswith(("/docs", "/tests"))
        for word in re.findall(r"\w+", (ROOT / name[1:]).read_text(encoding="utf-8"))
    }


def test_the_pictures_are_what_their_descriptions_give():
    command = [sys.executable, DOCS / "architecture" / "draw.py", "--check"]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("page", [*PAGES, *DESCRIPTIONS], ids=lambda page: page.name)
def test_every_file_that_is_named_exists(page):
    for name in NAMED.findall(page.read_text(encoding="utf-8")):
        if FILE.fullmatch(name) and not (ROOT / name).exists():
            assert any(path.endswith(f"/{name}") for path in files()), f"{page.name} names {name}"


@pytest.mark.parametrize("page", [*PAGES, *DESCRIPTIONS], ids=lambda page: page.name)
def test_every_class_function_and_setting_that_is_named_exists(page):
    text = page.read_text(encoding="utf-8")
    said = [named for named in NAMED.findall(text) if not FILE.search(named) and "/" not in named]
    missing = {word for named in said for word in NAME.findall(named)} - words_of_the_sources()
    assert not missing, f"{page.name} names what there is not"


def test_every_picture_is_shown_and_every_page_is_in_the_menu():
    shown = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [path.stem for path in DESCRIPTIONS if f"({path.stem}.svg)" not in shown] == []
    menu = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert [page.name for page in PAGES if f"architecture/{page.name}" not in menu] == []

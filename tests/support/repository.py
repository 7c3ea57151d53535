"""Where things are in the repository, and what the pages of the documentation hold."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def page(name):
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def blocks(page, language, first=""):
    """The code blocks of a page in one language whose first line begins with `first`."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [block for block in found if block.startswith(first)]

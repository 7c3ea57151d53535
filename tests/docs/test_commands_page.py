"""The page of commands is what the commands' help says."""

from __future__ import annotations

from nerture.cli.generate_docs import make_reference

from ..support.repository import DOCS


def test_the_page_of_commands_is_up_to_date():
    page = DOCS / "commands.md"
    assert page.read_text() == make_reference(), "python -m nerture.cli.generate_docs > docs/commands.md"

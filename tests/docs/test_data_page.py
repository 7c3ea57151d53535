"""The user page of the data names every code that there is."""

import re

from ..support.repository import ROOT

SOURCES = [
    *(
        ROOT / "core" / "annotations" / f"{name}.py"
        for name in (
            "line_reader",
            "json_rows",
            "literal_reader",
            "span_validation",
            "label_map",
            "answer_rows",
        )
    ),
    *(
        ROOT / "plugins" / name
        for name in ("jsonl.py", "conll.py", "tuples.py", "plain_text.py", "gold.py", "answers.py")
    ),
    *(ROOT / "framework" / "check").glob("*.py"),
]
CALL = r"(?:add|add_problem|_add_problem|_report|Problem|Fault|Finding|warning)\("
CODE = re.compile(CALL + r"[^\"]*?\"([a-z0-9]+(?:-[a-z0-9]+)+|unreadable|leak)\"|return \"(span-[a-z-]+)\"")


def test_every_code_is_documented():
    codes = {
        code or fault for path in SOURCES for code, fault in CODE.findall(path.read_text(encoding="utf-8"))
    }
    assert len(codes) > 40
    page = (ROOT / "docs" / "data.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE)) | {"left-out"}
    assert not codes - documented

"""The pages about soft knowledge and losses are true: options, codes, examples, one section for each loss."""

from __future__ import annotations

import re

import pytest

from nerture.config import load_config
from nerture.hosting.manager import make_manager

from ..support.repository import ROOT

SOURCES = (ROOT / "docs" / "sources-soft.md").read_text(encoding="utf-8")
LOSSES = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8")
CODE = re.compile(r"(?:add_problem|Problem)\([^\"]*?\"([a-z]+(?:-[a-z]+)+)\"")


def section(page, name):
    return page.split(f"## `{name}`")[1].split("\n## ")[0]


@pytest.mark.parametrize("name", ["teacher", "ensemble", "rehearsal", "weak"])
def test_every_option_of_a_source_is_in_its_section(registry, name):
    text = section(SOURCES, name)
    for option in registry.entry("source", name).config.model_fields:
        assert f"`{option}`" in text, f"{name} has the option {option}"


def test_every_loss_has_its_section_with_its_options(registry):
    assert re.findall(r"^## `(\w+)`$", LOSSES, re.MULTILINE) == [
        "oracle", "teacher_forcing", "lattice", "distill", "rehearse", "entity_ratio",
    ]  # fmt: skip
    for name in registry.names("loss"):
        for option in registry.entry("loss", name).config.model_fields:
            assert f"`{option}`" in section(LOSSES, name), f"{name} has the option {option}"


def test_the_default_losses_are_those_of_the_page(registry):
    rows = re.findall(r"^\| `(\w+)` \| .* \| `(\w+)` \|$", SOURCES, re.MULTILINE)
    assert dict(rows) == {
        name: registry.entry("source", name).config.default_loss
        for name in ("teacher", "ensemble", "rehearsal", "weak")
    }


def test_every_problem_has_its_row():
    names = (
        "core/annotations/teacher_targets.py",
        "core/annotations/probability_rows.py",
        "plugins/teacher.py",
    )
    files = [ROOT / name for name in names]
    codes = {code for path in files for code in CODE.findall(path.read_text(encoding="utf-8"))}
    assert codes == set(re.findall(r"^\| `([a-z]+(?:-[a-z]+)+)` \|", SOURCES, re.MULTILINE))


@pytest.mark.parametrize("page", [SOURCES, LOSSES])
def test_the_pipelines_are_valid(page, tmp_path, save_model):
    (tmp_path / "models").mkdir()
    save_model("models/drugs", labels=("DRUG",))
    blocks = re.findall(r"^```yaml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert blocks
    for block in blocks:
        head = "nerture: 1\n" + ("" if "labels:" in block.splitlines()[0] else "labels: [DRUG]\n")
        (tmp_path / "pipeline.yaml").write_text(head + block, encoding="utf-8")
        assert load_config(tmp_path / "pipeline.yaml", registry=make_manager(environ={}).registry).sources


def test_the_rows_can_be_read(registry, services, write, as_probabilities):
    spans, tags = re.findall(r"^```json\n(.*?)^```$", SOURCES, re.DOTALL | re.MULTILINE)
    write("rows.jsonl", spans.replace("\n", " "), tags.replace("\n", " "))
    source = registry.create("source", "teacher", {"path": "rows.jsonl"}, services(("DRUG",)))
    first, second = source.targets()
    assert as_probabilities(first) == {("Xanax", "DRUG"): 0.6, ("Xanax XR", "DRUG"): 0.3}
    assert as_probabilities(second)["Xanax", "DRUG"] > 0.85

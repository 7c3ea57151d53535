"""The page on the pipeline file is true: settings and keys have their row, examples are valid."""

import dataclasses
import re

import pytest
import yaml

from nerture.config import load_config
from nerture.config.keys import SessionKeys, StartKeys
from nerture.config.settings_model import SECTIONS
from nerture.hosting.manager import make_manager
from nerture.sessions.plan import MODES

from ..support.repository import ROOT, blocks, page

PIPELINE = page("pipeline")


def table(settings):
    """The rows of a settings table, made of the dataclass."""
    rows = ["| key | type | default | range | meaning |", "|---|---|---|---|---|"]
    for field in dataclasses.fields(settings):
        kind = "whole number" if "int" in str(field.type) else "number"
        default = (
            "none" if field.default is None else f"{field.default:g}" if kind == "number" else field.default
        )
        limits = field.metadata
        rows.append(
            f"| `{field.name}` | {kind} | {default} | {limits['ge']:.10g} to {limits['le']:.10g} "
            f"| {limits['help']} |"
        )
    return "\n".join(rows)


@pytest.mark.parametrize(("section", "settings"), SECTIONS)
def test_every_setting_has_its_row(section, settings):
    wanted = f"<!-- settings: {section} -->\n{table(settings)}\n"
    assert wanted in PIPELINE, f"docs/pipeline.md should have:\n{wanted}"


def test_every_key_of_start_has_its_row_and_the_example_has_them_all():
    _, section = PIPELINE.split("### `start`\n")
    rows = re.findall(
        r"^\| `(\w+)` \| .* \| (required|true|1.0|none) \|", section.split("## ")[0], re.MULTILINE
    )
    defaults = {"True": "true", "1.0": "1.0", "None": "none"}
    assert rows == [
        (name, "required" if field.is_required() else defaults[str(field.default)])
        for name, field in StartKeys.model_fields.items()
    ]
    (example,) = (yaml.safe_load(text)["start"] for text in blocks(section, "yaml", "start:"))
    assert StartKeys(**example).model_fields_set == set(StartKeys.model_fields)


def test_every_key_of_session_has_its_row_with_its_default():
    section = PIPELINE.split("### `session`\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| [^|]* \| `?([\w.]+)`? \|", section, re.MULTILINE)
    words = {"None": "none", "False": "false"}
    assert rows == [
        (name, "required" if field.is_required() else words.get(str(field.default), str(field.default)))
        for name, field in SessionKeys.model_fields.items()
    ]
    for mode in MODES:
        assert f"`{mode}`" in section


def test_the_examples_with_a_session_are_valid(tmp_path):
    teaching = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    examples = [text for page in (PIPELINE, teaching) for text in blocks(page, "yaml", "nerture: 1")]
    found = 0
    for text in examples:
        (tmp_path / "pipeline.yaml").write_text(text, encoding="utf-8")
        session = load_config(tmp_path / "pipeline.yaml", registry=make_manager().registry).session
        found += session is not None
    assert found == 2


def test_the_pipeline_pages_example_is_valid(tmp_path):
    text = blocks(PIPELINE, "yaml", "nerture: 1")[0]
    (tmp_path / "pipeline.yaml").write_text(text, encoding="utf-8")
    assert load_config(tmp_path / "pipeline.yaml", registry=make_manager().registry).labels == ("DRUG",)

"""The documentation is true: hooks have their heading and test, settings their row, and the tutorials run."""

import dataclasses
import inspect
import json
import re
import sys
from pathlib import Path

import pytest
import yaml

from nerture import hookspecs
from nerture.config import load_config
from nerture.config.keys import SessionKeys, StartKeys
from nerture.config.settings_model import SECTIONS
from nerture.hosting.manager import make_manager
from nerture.interfaces import GivenAnswer
from nerture.sessions.plan import MODES

ROOT = Path(__file__).parents[1]
PLUGINS = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")
PIPELINE = (ROOT / "docs" / "pipeline.md").read_text(encoding="utf-8")


def blocks(page, language, first=""):
    """The code blocks of a page in one language whose first line begins with `first`."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [block for block in found if block.startswith(first)]


def headings(page):
    return re.findall(r"^### `(nerture_.*)`$", page, re.MULTILINE)


def test_every_hook_has_its_heading_with_the_exact_signature_and_no_heading_is_stale():
    hooks = hookspecs.hook_names()
    signatures = [f"{hook}{inspect.signature(getattr(hookspecs, hook))}".replace("'", "") for hook in hooks]
    assert headings(PLUGINS) == signatures


@pytest.mark.parametrize("hook", hookspecs.hook_names())
def test_every_hook_has_a_test_of_its_name(hook):
    tests = [
        path for path in (ROOT / "tests").rglob("test_*.py") if f"def test_hook_{hook}(" in path.read_text()
    ]
    assert tests, f"there is no test_hook_{hook}"


@pytest.mark.parametrize("hook", hookspecs.hook_names())
def test_every_hook_says_what_it_is_for_and_since_when(hook):
    assert re.search(r" Since \d+\.\d+\.$", inspect.getdoc(getattr(hookspecs, hook)))


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


def test_every_field_of_an_answer_has_its_row():
    section = PLUGINS.split("### `nerture_answer_saved")[1].split("\n### ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert rows == [field.name for field in dataclasses.fields(GivenAnswer)]


def test_the_board_is_told_of_what_was_flagged(tmp_path, monkeypatch):
    (code,) = blocks(PLUGINS, "python", "# nerture_plugins.py, tells a board")
    (tmp_path / "nerture_plugins.py").write_text(code, encoding="utf-8")
    manager, posted = make_manager(tmp_path), []
    (plugin,) = (
        module for module in list(sys.modules.values())
        if getattr(module, "__file__", None) == str(tmp_path / "nerture_plugins.py")
    )  # fmt: skip
    monkeypatch.setattr(plugin, "urlopen", lambda request, timeout: posted.append(json.loads(request.data)))
    answer = GivenAnswer(
        "clicks", "a1", "ada", "accept", (), False, 2.5, 1.0,
        "q1", "Kale .", "text", (), ("PLANT",), "manual", "source", None, 0, {},
    )  # fmt: skip
    for flagged in (False, True):
        assert manager.answer_saved(dataclasses.replace(answer, flagged=flagged)) == {}
    assert posted == [{"text": "Kale .", "who": "ada", "said": "accept"}]


@pytest.fixture
def tutorial(tmp_path):
    """The folder that a reader of the tutorial has, with the plugin's file as the page gives it."""
    whole, *continued = blocks(PLUGINS, "python", "# nerture_plugins.py")
    continued = [block for block in continued if block.startswith("# nerture_plugins.py, continued")]
    code = "\n\n".join([whole, *continued])
    (tmp_path / "nerture_plugins.py").write_text(code, encoding="utf-8")
    return tmp_path


def test_the_tutorials_plugin_passes_the_tutorials_tests(tutorial, monkeypatch):
    monkeypatch.syspath_prepend(tutorial)
    (code,) = blocks(PLUGINS, "python", "# test_nerture_plugins.py")
    tests: dict = {}
    exec(code, tests)
    del sys.modules["nerture_plugins"]
    names = [name for name in tests if name.startswith("test_")]
    assert names == ["test_matcher", "test_loss"]
    for name in names:
        tests[name]()


def test_the_tutorials_loss_is_ten_lines():
    (block,) = blocks(PLUGINS, "python", "# nerture_plugins.py, continued\ndef cross_entropy")
    body = block.split("def cross_entropy(scores, targets):\n")[1].split("\n\n\n")[0]
    assert len(body.splitlines()) <= 10


def test_the_tutorials_pipelines_are_valid_beside_its_plugin(tutorial):
    registry = make_manager(tutorial).registry
    pipelines = blocks(PLUGINS, "yaml", "nerture: 1")
    assert len(pipelines) == 2
    for text in pipelines:
        (tutorial / "pipeline.yaml").write_text(text, encoding="utf-8")
        config = load_config(tutorial / "pipeline.yaml", registry=registry)
        assert config.matchers[0].options.pattern.pattern == r"\d{4}-\d\d-\d\d"


def test_the_pipeline_pages_example_is_valid(tmp_path):
    text = blocks(PIPELINE, "yaml", "nerture: 1")[0]
    (tmp_path / "pipeline.yaml").write_text(text, encoding="utf-8")
    assert load_config(tmp_path / "pipeline.yaml", registry=make_manager().registry).labels == ("DRUG",)

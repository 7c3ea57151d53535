"""The page on plugins is true: hooks have their heading and test, and the tutorials run."""

import dataclasses
import inspect
import json
import re
import sys

import pytest

from nerture import hookspecs
from nerture.config import load_config
from nerture.hosting.manager import make_manager
from nerture.interfaces import AnswerEvent

from ..support.repository import ROOT, blocks, page

PLUGINS = page("plugins")


def headings(page):
    return re.findall(r"^### `(nerture_.*)`$", page, re.MULTILINE)


def test_every_hook_has_its_heading_with_the_exact_signature_and_no_heading_is_stale():
    hooks = hookspecs.list_hook_names()
    signatures = [f"{hook}{inspect.signature(getattr(hookspecs, hook))}".replace("'", "") for hook in hooks]
    assert headings(PLUGINS) == signatures


@pytest.mark.parametrize("hook", hookspecs.list_hook_names())
def test_every_hook_has_a_test_of_its_name(hook):
    tests = [
        path for path in (ROOT / "tests").rglob("test_*.py") if f"def test_hook_{hook}(" in path.read_text()
    ]
    assert tests, f"there is no test_hook_{hook}"


@pytest.mark.parametrize("hook", hookspecs.list_hook_names())
def test_every_hook_says_what_it_is_for_and_since_when(hook):
    assert re.search(r" Since \d+\.\d+\.$", inspect.getdoc(getattr(hookspecs, hook)))


def test_every_field_of_an_answer_has_its_row():
    section = PLUGINS.split("### `nerture_answer_saved")[1].split("\n### ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert rows == [field.name for field in dataclasses.fields(AnswerEvent)]


def test_the_board_receives_flagged_answers(tmp_path, monkeypatch):
    (code,) = blocks(PLUGINS, "python", "# nerture_plugins.py, posts flagged answers")
    (tmp_path / "nerture_plugins.py").write_text(code, encoding="utf-8")
    manager, posted = make_manager(tmp_path), []
    (plugin,) = (
        module for module in list(sys.modules.values())
        if getattr(module, "__file__", None) == str(tmp_path / "nerture_plugins.py")
    )  # fmt: skip
    monkeypatch.setattr(plugin, "urlopen", lambda request, timeout: posted.append(json.loads(request.data)))
    answer = AnswerEvent(
        "clicks", "a1", "ada", "accept", (), False, 2.5, 1.0,
        "q1", "Kale .", "text", (), ("PLANT",), "manual", "source", None, 0, {},
    )  # fmt: skip
    for flagged in (False, True):
        assert manager.report_answer(dataclasses.replace(answer, flagged=flagged)) == {}
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


def test_the_tutorials_loss_is_two_dozen_lines():
    parts = blocks(PLUGINS, "python", "# nerture_plugins.py, continued\ndef ")
    functions = "".join(part.split("\n", 1)[1].split("\n\n\n")[0] for part in parts)
    assert 20 <= len(functions.splitlines()) <= 28
    assert "about two dozen lines" in " ".join(PLUGINS.split())


def test_the_tutorials_pipelines_are_valid_beside_its_plugin(tutorial):
    registry = make_manager(tutorial).registry
    pipelines = blocks(PLUGINS, "yaml", "nerture: 1")
    assert len(pipelines) == 2
    for text in pipelines:
        (tutorial / "pipeline.yaml").write_text(text, encoding="utf-8")
        config = load_config(tutorial / "pipeline.yaml", registry=registry)
        assert config.matchers[0].options.pattern.pattern == r"\d{4}-\d\d-\d\d"

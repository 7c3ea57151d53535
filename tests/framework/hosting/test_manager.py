import io
import sys
import textwrap
from zipfile import ZipFile

import click
import pytest

from nerture.errors import PluginError
from nerture.hookspecs import list_hook_names
from nerture.hosting.manager import BUILTIN, make_manager
from nerture.interfaces import AnswerEvent, CharSpan, Evaluation

HEAD = """
from nerture import hookimpl
from nerture.interfaces import Options

def factory(options, services):
    return options
"""


@pytest.fixture
def local(tmp_path):
    """Write a plugin file beside a pipeline, and return the manager that loads it."""

    def load(code, name="nerture_plugins.py", **options):
        (tmp_path / name).write_text(HEAD + textwrap.dedent(code))
        return make_manager(tmp_path, builtin=(), environ={}, **options)

    return load


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Put a package with an entry point where Python finds it, as pip would."""

    def put(name, code, version="3.4", value=None):
        site = tmp_path / "site"
        info = site / f"{name}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[nerture]\n{name} = {value or name}\n")
        (site / f"{name}.py").write_text(HEAD + textwrap.dedent(code))
        monkeypatch.syspath_prepend(site)

    yield put
    for name in [
        name for name, module in sys.modules.items() if str(tmp_path) in str(getattr(module, "__file__", ""))
    ]:
        del sys.modules[name]


def parts(code, local):
    return [(entry.kind, entry.name) for entry in local(code).registry.entries()]


def register_hook(hook):
    return f"""
    @hookimpl
    def {hook}(register):
        register("mine", factory)
    """


def test_hook_nerture_register_tokenizers(local):
    assert parts(register_hook("nerture_register_tokenizers"), local) == [("tokenizer", "mine")]


def test_hook_nerture_register_readers(local):
    assert parts(register_hook("nerture_register_readers"), local) == [("reader", "mine")]


def test_hook_nerture_register_matchers(local):
    assert parts(register_hook("nerture_register_matchers"), local) == [("matcher", "mine")]


def test_hook_nerture_register_sources(local):
    assert parts(register_hook("nerture_register_sources"), local) == [("source", "mine")]


def test_hook_nerture_register_losses(local):
    assert parts(register_hook("nerture_register_losses"), local) == [("loss", "mine")]


def test_hook_nerture_register_sorters(local):
    assert parts(register_hook("nerture_register_sorters"), local) == [("sorter", "mine")]


def test_hook_nerture_register_writers(local):
    assert parts(register_hook("nerture_register_writers"), local) == [("writer", "mine")]


COMMAND = """
import click

@hookimpl
def nerture_register_commands(cli):
    cli.add_command(click.Command("greet", callback=lambda: print("hello")))
"""


def test_hook_nerture_register_commands(local):
    cli = click.Group("nerture")
    local(COMMAND).add_commands(cli)
    assert list(cli.commands) == ["greet"]


def test_a_command_that_is_there_already_is_not_replaced(local):
    cli = click.Group("nerture", commands=[click.Command("greet")])
    with pytest.raises(PluginError, match=r'"greet": nerture itself and nerture_plugins \('):
        local(COMMAND).add_commands(cli)


def test_hook_nerture_evaluated(local, tmp_path):
    manager = local(f"""
    from pathlib import Path

    @hookimpl
    def nerture_evaluated(evaluation):
        Path({str(tmp_path / "seen")!r}).write_text(f"{{evaluation.step}} {{evaluation.report}}")
    """)
    manager.report_evaluation(Evaluation(200, "report"))
    assert (tmp_path / "seen").read_text() == "200 report"


ANSWER = AnswerEvent(
    "clicks", "a1", "ada", "accept", (CharSpan(0, 4, "PLANT"),), False, 2.5, 1.0,
    "q1", "Kale .", "span", (CharSpan(0, 4, "PLANT"),), ("PLANT",), "teach", "model", 0.5, 3, {},
)  # fmt: skip


def test_hook_nerture_answer_saved(local, tmp_path):
    manager = local(f"""
    from pathlib import Path

    @hookimpl
    def nerture_answer_saved(answer):
        words = [answer.dataset, answer.text, answer.spans[0].label]
        Path({str(tmp_path / "seen")!r}).write_text(" ".join(words))
    """)
    assert manager.has_answer_listeners
    assert manager.report_answer(ANSWER) == {}
    assert (tmp_path / "seen").read_text() == "clicks Kale . PLANT"
    assert not make_manager(builtin=(), environ={}).has_answer_listeners


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero ("),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("from nerture.errors import DataError; raise DataError('no such board')", "no such board"),
        ("from nerture.errors import PluginError; raise PluginError('no such board')", "no such board"),
    ],
)
def test_a_plugin_that_fails_on_an_answer_is_named_and_others_still_receive_it(
    install, local, tmp_path, fault, message
):
    install("stranger", f"@hookimpl\ndef nerture_answer_saved(answer): {fault}")
    manager = local(f"""
    from pathlib import Path

    @hookimpl
    def nerture_answer_saved(answer):
        Path({str(tmp_path / "seen")!r}).write_text(answer.id)
    """)
    failed = manager.report_answer(ANSWER)
    assert list(failed) == ["stranger"]
    assert str(failed["stranger"]).startswith(f"plugin stranger 3.4: hook nerture_answer_saved: {message}")
    assert (tmp_path / "seen").read_text() == "a1"


def test_loaded_lists_name_version_origin_hooks_and_parts(install, local, tmp_path):
    install("stranger", "@hookimpl\ndef nerture_register_losses(register): register('hinge', factory)")
    one, two = local("__doc__ = 'no hooks'").loaded
    assert (one.name, one.version, one.origin) == ("stranger", "3.4", "package stranger")
    assert (one.hooks, one.parts) == (("nerture_register_losses",), ("loss hinge",))
    assert (two.name, two.origin, two.hooks) == ("nerture_plugins", str(tmp_path / "nerture_plugins.py"), ())


def test_a_misspelt_hook_is_refused_with_the_nearest(local):
    with pytest.raises(
        PluginError, match=r'nerture_register_matcher: .*did you mean "nerture_register_matchers"\?'
    ):
        local(register_hook("nerture_register_matcher"))


def test_a_misspelt_argument_is_refused(local):
    with pytest.raises(PluginError) as caught:
        local("@hookimpl\ndef nerture_register_losses(registr): pass")
    assert 'unknown argument "registr": expected one of register; did you mean "register"?' in str(
        caught.value
    )
    assert "plugin nerture_plugins" in str(caught.value)


def test_a_hook_without_its_mark_is_refused(local):
    with pytest.raises(PluginError, match=r"nerture_register_losses: it lacks @nerture\.hookimpl"):
        local("def nerture_register_losses(register): pass")


def test_an_imported_hookspec_is_no_mistake(local):
    local("from nerture.hookspecs import nerture_evaluated")


def test_wrappers_are_refused(local):
    with pytest.raises(PluginError, match="wrappers are not supported"):
        local("@hookimpl(wrapper=True)\ndef nerture_evaluated(evaluation): yield")


def test_a_hook_under_another_name(local):
    manager = local("""
    @hookimpl(specname="nerture_register_losses")
    def losses(register):
        register("hinge", factory)
    """)
    assert manager.registry.names("loss") == ("hinge",)


def test_an_exception_in_a_hook_names_plugin_hook_and_line(local):
    with pytest.raises(PluginError) as caught:
        local("@hookimpl\ndef nerture_register_losses(register): 1 / 0")
    message = str(caught.value)
    assert message.startswith("plugin nerture_plugins (")
    assert "hook nerture_register_losses: ZeroDivisionError: division by zero (" in message
    assert "nerture_plugins.py:8)" in message


def test_an_exception_in_a_later_hook_names_the_guilty_plugin(install, local):
    install("stranger", "@hookimpl\ndef nerture_evaluated(evaluation): 1 / 0")
    manager = local("@hookimpl\ndef nerture_evaluated(evaluation): pass")
    with pytest.raises(PluginError, match=r"plugin stranger 3\.4: hook nerture_evaluated: ZeroDivisionError"):
        manager.report_evaluation(Evaluation(1, None))


def test_a_package_in_an_archive_is_found(tmp_path, monkeypatch):
    with ZipFile(tmp_path / "archive.zip", "w") as archive:
        archive.writestr(
            "zipped-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: zipped\nVersion: 1.0\n"
        )
        archive.writestr("zipped-1.0.dist-info/entry_points.txt", "[nerture]\nzipped = zipped_plugin\n")
        archive.writestr("zipped_plugin.py", HEAD + "@hookimpl\ndef nerture_evaluated(evaluation): pass\n")
    monkeypatch.syspath_prepend(tmp_path / "archive.zip")
    try:
        assert ("zipped", "1.0") in {
            (plugin.name, plugin.version) for plugin in make_manager(builtin=(), environ={}).loaded
        }
    finally:
        sys.modules.pop("zipped_plugin", None)


def test_two_plugins_with_one_part_are_both_named(install, local):
    code = "@hookimpl\ndef nerture_register_losses(register): register('hinge', factory)"
    install("stranger", code)
    with pytest.raises(PluginError, match=r'the loss "hinge": stranger 3\.4 and nerture_plugins'):
        local(code)


def test_a_broken_package_is_named_and_can_be_blocked(install):
    install("stranger", "import nowhere_to_be_found")
    with pytest.raises(
        PluginError, match=r"plugin stranger 3\.4, package stranger, cannot be loaded: ModuleNot"
    ) as caught:
        make_manager(builtin=(), environ={})
    assert "NERTURE_BLOCK=stranger" in str(caught.value)
    assert make_manager(builtin=(), environ={"NERTURE_BLOCK": "x, stranger"}).loaded == []
    assert make_manager(blocked=["stranger"], builtin=(), environ={}).loaded == []
    assert "stranger" not in sys.modules


def test_an_entry_point_to_an_object(install):
    code = """
    class Plugin:
        @hookimpl
        def nerture_register_losses(self, register):
            register("hinge", factory)
    plugin = Plugin()
    """
    install("stranger", code, value="stranger:plugin")
    assert make_manager(builtin=(), environ={}).registry.names("loss") == ("hinge",)


def test_an_entry_point_to_nothing_is_named(install):
    install("stranger", "", value="stranger:plugin")
    with pytest.raises(PluginError, match=r"plugin stranger 3\.4.*has no attribute 'plugin'"):
        make_manager(builtin=(), environ={})


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("def f(:\n", r"SyntaxError: .*nerture_plugins\.py:6\)"),
        ("\nx = y\n", r"NameError: .*nerture_plugins\.py:7\)"),
    ],
)
def test_a_broken_local_file_is_named_with_its_line(tmp_path, code, message):
    (tmp_path / "nerture_plugins.py").write_text(HEAD.lstrip("\n") + code)
    with pytest.raises(PluginError, match=message):
        make_manager(tmp_path, builtin=(), environ={})


def test_a_local_file_may_be_named_and_must_exist_then(tmp_path):
    (tmp_path / "mine.py").write_text(HEAD)
    assert make_manager(tmp_path / "mine.py", builtin=(), environ={}).loaded[0].name == "mine"
    with pytest.raises(PluginError, match="no such plugin file"):
        make_manager(tmp_path / "gone.py", builtin=(), environ={})
    assert make_manager(tmp_path, builtin=(), environ={}).loaded == []


def test_two_local_files_of_one_name_do_not_meet(tmp_path):
    names = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        code = register_hook("nerture_register_losses").replace("mine", folder)
        (tmp_path / folder / "nerture_plugins.py").write_text(HEAD + textwrap.dedent(code))
        names.append(make_manager(tmp_path / folder, builtin=(), environ={}).registry.names("loss"))
    assert names == [("a",), ("b",)]
    assert not (tmp_path / "a" / "__pycache__").exists()


def test_annotations_of_options_in_a_local_file_are_resolved(tmp_path):
    (tmp_path / "nerture_plugins.py").write_text(
        "from __future__ import annotations\nimport re\nfrom nerture import hookimpl\n"
        "from nerture.interfaces import Options\n\nclass Mine(Options):\n    pattern: re.Pattern[str]\n\n"
        "@hookimpl\ndef nerture_register_losses(register):\n    register('x', lambda o, s: o, config=Mine)\n"
    )
    registry = make_manager(tmp_path, builtin=(), environ={}).registry
    assert registry.options("loss", "x", {"pattern": "a+"}).pattern.pattern == "a+"


def test_tracing_prints_every_call(local, install):
    trace = io.StringIO()
    install("stranger", "@hookimpl\ndef nerture_evaluated(evaluation): pass")
    manager = local(register_hook("nerture_register_losses"), trace=trace)
    manager.report_evaluation(Evaluation(3, None))
    lines = trace.getvalue().splitlines()
    assert len(lines) == 2
    assert "nerture_register_losses(register=" in lines[0]
    assert (
        lines[1]
        == "nerture: plugin stranger 3.4: nerture_evaluated(evaluation=Evaluation(step=3, report=None))"
    )


def test_tracing_is_asked_for_by_the_environment(tmp_path, capsys):
    (tmp_path / "nerture_plugins.py").write_text(
        HEAD + textwrap.dedent(register_hook("nerture_register_losses"))
    )
    for value, traced in [("1", True), ("0", False), ("", False)]:
        make_manager(tmp_path, builtin=(), environ={"NERTURE_TRACE_PLUGINS": value})
        assert bool(capsys.readouterr().err) == traced


def test_builtins_are_named_by_string_and_nothing_is_imported_twice():
    assert all(name.startswith("nerture.plugins.") for name in BUILTIN)
    assert len(set(BUILTIN)) == len(BUILTIN)


def test_a_builtin_that_is_missing_is_named():
    with pytest.raises(
        PluginError, match=r"plugin nerture\.plugins\.gone 0\.1\.0, built-in, cannot be loaded"
    ):
        make_manager(builtin=("nerture.plugins.gone",), environ={})


def test_managers_share_nothing(local, tmp_path):
    first = local(register_hook("nerture_register_losses"))
    second = make_manager(builtin=(), environ={})
    assert first.registry.names("loss") == ("mine",)
    assert second.registry.names("loss") == ()


def test_every_hook_has_its_method_or_kind():
    from nerture.hosting.manager import REGISTER_HOOKS

    own = {"nerture_register_commands", "nerture_answer_saved", "nerture_evaluated"}
    assert {*REGISTER_HOOKS.values(), *own} == set(list_hook_names())

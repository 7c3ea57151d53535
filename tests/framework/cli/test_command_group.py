"""The commands together: their help, and those that plugins add."""

from __future__ import annotations

from pathlib import Path

from nerture import __version__
from nerture.cli.command_group import COMMANDS


def test_version_and_help(run):
    assert run("--version").out == f"nerture, version {__version__}\n"
    assert run("--help").out == run("-h").out
    assert "Exit codes" in run("--help").out


def test_every_help_text_has_examples(run):
    for name in COMMANDS:
        result = run(name, "--help")
        assert result.code == 0
        assert f"Examples:\n    nerture {name}" in result.out


PLUGIN = """
import click, nerture

@click.command("hello")
def hello():
    '''Say hello.'''
    click.echo("hello")

@click.command("broken")
def broken():
    raise ValueError("oh")

@nerture.hookimpl
def nerture_register_commands(cli):
    cli.add_command(hello)
    cli.add_command(broken)
"""


def test_a_plugin_adds_commands(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("nerture_plugins.py").write_text(PLUGIN)
    assert run("hello").out == "hello\n"
    assert "Say hello." in run("--help").out
    broken = run("broken")
    assert broken.code == 1
    assert f"this is a bug: ValueError: oh ({tmp_path / 'nerture_plugins.py'}:11)" in broken.err


def test_a_plugin_cannot_replace_a_command(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("nerture_plugins.py").write_text(PLUGIN.replace('"hello"', '"train"'))
    result = run("--help")
    assert result.code == 0
    assert 'the command "train"' in result.err

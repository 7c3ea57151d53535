"""The page on teaching is true: its commands run, its keys are those of the page, its modes are all there."""

from __future__ import annotations

import io
import re
import shlex
import sys
from pathlib import Path

import pytest

from nerture.cli.command_group import COMMANDS
from nerture.cli.exit_codes import run
from nerture.sessions.plan import MODES

from ..support.repository import ROOT

PAGE = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")


def section(title):
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


@pytest.fixture
def shell(tmp_path, monkeypatch, capsys):
    """Run a command in a folder and store of its own, with lines as its input."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NERTURE_STORE", "store.sqlite")

    def shell(command, keys=""):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(keys.encode())))
        code = run(shlex.split(command)[1:])
        out, err = capsys.readouterr()
        assert code == 0, err
        return out + err

    return shell


def commands():
    return [line.strip() for line in re.findall(r"^    (nerture .*?)(?:   .*)?$", PAGE, re.MULTILINE)]


def test_the_commands_of_the_page_run_in_their_order(shell):
    (pipeline,) = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    for command in commands():
        if command.startswith("nerture check"):
            Path("garden/clicks.yaml").write_text(pipeline)
        if command.startswith("nerture correct"):
            Path("more.txt").write_text("The leeks came up.\nNothing else did.\n")
        asks = command.split()[1] in MODES
        host = " --host 0.0.0.0"
        if host in command:
            continue  # the same session, in the browser
        faced = f"{command} --terminal" if asks else command
        faced = faced.replace("nerture train", "nerture train --set train.max_steps=2")
        output = shell(faced, "a\n" * 6 + "q\n" if asks else "")
        if command.startswith("nerture teach garden/clicks.yaml"):
            assert Path("garden/clicks-model/meta.json").is_file()
            assert "nerture train garden/clicks.yaml -o clicks-trained" in output
        elif command.startswith("nerture teach"):
            for then in ("nerture apply log-model", "nerture train log.yaml -o log-trained"):
                assert then in output
    assert len(commands()) == 12


def test_the_session_from_a_file_runs(shell):
    shell("nerture init garden")
    keys, command = re.search(r"^\$ printf '(.*)' \| (nerture .*)$", PAGE, re.MULTILINE).groups()
    output = shell(command, keys.encode().decode("unicode_escape"))
    assert "3 answered: 3 accepted" in output


def test_every_key_of_the_page_is_documented():
    script = (ROOT / "framework" / "web" / "static" / "keys.js").read_text()
    listed = re.findall(r'^  \["(.*?)", ', script, re.MULTILINE)
    documented = re.findall(r"^\| (.*?) \|", section("Keys"), re.MULTILINE)[1:]
    plain = re.compile(r"[`⌫ ]|with Shift.*")
    assert [plain.sub("", key) for key in documented] == [
        {"←→↑↓": "arrows", "1…9": "1to9"}.get(plain.sub("", key), plain.sub("", key)) for key in listed
    ]


def test_every_mode_is_documented_and_has_its_command():
    documented = re.findall(r"^\| `(\w+)` \|", section("Other ways to ask"), re.MULTILINE)
    assert sorted(documented) == sorted(MODES)
    assert set(documented) <= set(COMMANDS)

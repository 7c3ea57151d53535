"""The command line as a process of its own: what it imports, pipes, full devices, Ctrl-C."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys

import pytest

HEAVY = (
    "numpy", "pydantic", "rich", "yaml", "safetensors", "nerture.core.text.doc",
    "starlette", "uvicorn", "jinja2", "sqlalchemy",
)  # fmt: skip


def start(*arguments, **options):
    command = [sys.executable, "-m", "nerture", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)


@pytest.mark.parametrize(
    "arguments",
    [["--version"], ["--help"], ["train", "--help"], ["apply", "--help"], ["teach", "--help"]],
    ids=" ".join,
)
def test_help_imports_nothing_heavy(arguments, tmp_path):
    code = (
        "import sys; from nerture.cli.exit_codes import run; import nerture.cli.command_group as group\n"
        "group.find_entry_points = list\n"  # no foreign plugins, whatever is installed here
        f"assert run({arguments!r}) == 0; print(sorted({set(HEAVY)!r} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_importing_nerture_is_light():
    code = f"import sys, nerture; print(sorted({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_apply_imports_only_what_it_needs(model, tmp_path):
    unwanted = (
        "rich", "nerture.training.trainer", "nerture.patterns.compiled", "concurrent.futures", "numpy.typing",
        "importlib.metadata",
    )  # fmt: skip
    code = (
        "import sys; from nerture.cli.exit_codes import run; import nerture.hosting.discovery as discovery\n"
        "discovery.find_entry_points = list\n"  # no foreign plugins, whatever is installed here
        f"assert run(['apply', {str(model)!r}, {os.devnull!r}, '--format', 'text']) == 0\n"
        f"assert not {set(unwanted)!r} & set(sys.modules), {set(unwanted)!r} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


def test_garbage_is_collected_as_usual_after_start_up():
    code = (
        "import gc, nerture.process_tuning as tuning; usual = gc.get_threshold()\n"
        "tuning.delay_first_collection()\n"
        "assert gc.get_threshold() == (tuning.STARTUP_OBJECTS, *usual[1:])\n"
        "kept = [[] for _ in range(tuning.STARTUP_OBJECTS + 1)]\n"
        "assert gc.get_threshold() == usual and not gc.callbacks"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_closed_pipe_is_no_error_message(model, tmp_path):
    texts = tmp_path / "texts.txt"
    texts.write_text("I take two aspirin daily .\n" * 20_000)
    process = start("apply", model, texts)
    assert process.stdout.readline().startswith(b'{"text"')
    process.stdout.close()
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait(120) == 1


def test_a_full_standard_output_is_reported(model, data):
    with open("/dev/full", "wb") as full:
        command = [sys.executable, "-m", "nerture", "apply", str(model), str(data)]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "nerture: cannot read or write: No space left on device\n"


def test_ctrl_c_while_applying_leaves_no_file(model, tmp_path):
    out = tmp_path / "out.jsonl"
    process = start("apply", model, "-", "-o", out, "--format", "text", stdin=subprocess.PIPE)
    process.stdin.write(b"text\n" * 100_000)  # more than a pipe holds: it is at work when this returns
    process.stdin.flush()
    process.send_signal(signal.SIGINT)
    process.wait(120)
    process.stdin.close()
    with process.stderr, process.stdout:
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode == 130
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("no_colour", ["", "1"])
def test_a_terminal_shows_marked_entities(model, tmp_path, no_colour):
    texts = tmp_path / "texts.txt"
    texts.write_text("I take two aspirin daily .\n")
    ours, theirs = pty.openpty()
    environment = {**os.environ, "NO_COLOR": no_colour, "TERM": "xterm"}
    command = [sys.executable, "-m", "nerture", "apply", str(model), str(texts)]
    subprocess.run(command, stdout=theirs, env=environment, check=True)
    os.close(theirs)
    shown = os.read(ours, 10_000).decode()
    os.close(ours)
    marked = "[aspirin DRUG]" if no_colour else "\x1b[30;46m aspirin \x1b[1mDRUG \x1b[0m"
    assert shown == f"I take two {marked} daily .\r\n"


def test_training_keeps_a_line_up_to_date_in_a_terminal(trained, tmp_path):
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "nerture",
        "train",
        str(trained / "pipeline.yaml"),
        "-o",
        str(tmp_path / "m"),
    ]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, env=environment)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 10_000):
            shown += part
    except OSError:  # the other end was closed
        pass
    os.close(ours)
    out, _ = process.communicate()
    assert process.returncode == 0
    assert b"DRUG" in out
    assert b"\x1b[2K" in shown  # a line was rewritten
    assert b"best" in shown
    assert "…".encode() not in shown  # it fits

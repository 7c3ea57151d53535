"""The whole of it: the command, the store, a real model that learns, in a real browser."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

from nerture import load
from nerture.store.store import Store

PLANTS = ("wild garlic", "broad beans", "tulips", "rosemary", "sage", "kale", "leeks", "fennel")
PLACES = ("Bath", "Leiden", "Kew", "Ghent", "Cork")
FRAMES = (
    "The {plant} came up early near {place} .",
    "We sent {plant} to {place} in week {number} .",
    "It rained in {place} for {number} days .",
    "Nothing was planted in week {number} .",
    "Some {plant} and {number} pots of soil .",
)


@pytest.fixture
def desk(tmp_path):
    """A working folder with texts and patterns."""
    texts = [
        FRAMES[number % 5].format(plant=PLANTS[number % 8], place=PLACES[number % 5], number=number)
        for number in range(200)
    ]
    (tmp_path / "texts.txt").write_text("".join(f"{text}\n" for text in texts))
    patterns = [{"label": "PLANT", "pattern": plant} for plant in PLANTS[:4]]
    (tmp_path / "patterns.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in patterns))
    return tmp_path


class Command:
    """`nerture teach` in a process of its own."""

    def __init__(self, desk, *arguments, port=0):
        command = [
            sys.executable, "-m", "nerture", "teach", "garden", "texts.txt", "--patterns", "patterns.jsonl",
            "--no-browser", "--annotator", "ada", "--port", str(port), *arguments,
        ]  # fmt: skip
        environment = {**os.environ, "NERTURE_STORE": str(desk / "store.sqlite"), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            command, cwd=desk, env=environment, stderr=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL
        )
        line = self.process.stderr.readline()
        found = re.search(r"http://\S+", line)
        assert found, line + self.process.stderr.read()
        self.url = found[0]
        self.port = int(re.search(r":(\d+)/", self.url)[1])

    def processor_seconds(self):
        """How long it has computed, whatever else the machine did meanwhile."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")

    def end(self, number):
        """Send a signal; return what it said at its end."""
        self.process.send_signal(number)
        _, said = self.process.communicate(timeout=120)
        return said


@pytest.fixture
def teach(desk):
    """Start the command; what runs at the end is killed."""
    running = []

    def start(*arguments, **options):
        running.append(Command(desk, *arguments, **options))
        return running[-1]

    yield start
    for command in running:
        if command.process.poll() is None:
            command.process.kill()
        command.process.wait()
        command.process.stderr.close()


@contextmanager
def dataset(desk):
    with Store.open(desk / "store.sqlite", create=False) as store:
        yield list(store.answers("garden"))


def saved(desk):
    with dataset(desk) as answers:
        return answers


def answer(page, count, keys="a"):
    """Answer so many questions; return their texts."""
    texts = []
    for number in range(count):
        page.wait_for_selector("#card:not([hidden])")
        texts.append(page.evaluate("document.querySelector('#text').textContent"))
        page.keyboard.press(keys[number % len(keys)])
    return texts


def wait_until_saved(page):
    page.wait_for_function(
        """() => Object.entries(localStorage).every(
            ([key, value]) => !key.endsWith("/outbox") || value === "[]")"""
    )
    page.wait_for_selector('#connection[data-state="saved"]')


def test_a_session_is_killed_taken_up_again_and_ended(desk, teach, browse):
    command = teach()
    page = browse(command.url)
    answer(page, 12, "aax")
    wait_until_saved(page)
    page.wait_for_selector("#progress:has-text('trained')")
    command.end(signal.SIGKILL)
    before = saved(desk)
    assert len(before) == 12
    answer(page, 4)
    page.wait_for_selector('#connection[data-state="offline"]')
    again = teach(port=command.port)
    wait_until_saved(page)
    assert [one.id for one in saved(desk)][:12] == [one.id for one in before]
    assert len(saved(desk)) == 16
    page.keyboard.press("Backspace")
    answer(page, 3)
    wait_until_saved(page)
    said = again.end(signal.SIGTERM)
    assert again.process.returncode == 0
    assert "18 answers of this session in dataset garden" in said
    assert "garden-model" in said
    assert load(desk / "garden-model").labels == ("PLANT",)
    assert "Traceback" not in said
    rows = [one.row for one in saved(desk)]
    assert len({(row["text"], json.dumps(row["spans"])) for row in rows}) == 18


def test_ctrl_c_ends_it_softly_and_manual_marks_go_to_the_same_dataset(desk, teach, browse):
    command = teach()
    page = browse(command.url)
    answer(page, 2)
    wait_until_saved(page)
    page.select_option("#modes", "manual")
    page.wait_for_selector("#text.editable")
    page.locator("#text .token").first.click()
    page.keyboard.press("Enter")
    wait_until_saved(page)
    said = command.end(signal.SIGINT)
    assert command.process.returncode == 0
    assert "Traceback" not in said
    rows = [one.row for one in saved(desk)]
    assert len(rows) == 3
    assert rows[-1]["spans"][0]["start"] == 0


def test_two_annotators_share_a_session(desk, teach, browse):
    command = teach()
    pages = [browse(f"{command.url}?annotator={name}") for name in ("ada", "bea")]
    for _ in range(6):
        for page in pages:
            answer(page, 1)
    for page in pages:
        wait_until_saved(page)
    rows = [one.row for one in saved(desk)]
    assert len(rows) == 12
    assert len({(row["_task_hash"]) for row in rows}) == 12
    assert sorted({row["_annotator_id"] for row in rows}) == ["ada", "bea"]


def test_a_server_open_to_others_asks_for_its_token(desk, teach, browse):
    command = teach("--host", "0.0.0.0", "--token", "let-me-in-please")
    assert command.url.endswith("/?token=let-me-in-please")
    place = f"http://127.0.0.1:{command.port}/"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(place)
    refused.value.close()
    assert refused.value.code == 401
    page = browse(f"{place}?token=let-me-in-please")
    answer(page, 1)
    wait_until_saved(page)
    assert "token" not in page.url
    assert len(saved(desk)) == 1


def test_the_first_question_is_there_soon(desk, teach, browse):
    command = teach()
    page = browse(command.url)
    page.wait_for_selector("#card:not([hidden])")
    assert command.processor_seconds() < 20
    assert Path(desk / "store.sqlite").exists()


HEARD = """
from pathlib import Path
from nerture import hookimpl

@hookimpl
def nerture_answer_saved(answer):
    with Path("heard.txt").open("a") as file:
        file.write(f"{answer.mode} {answer.id}\\n")
    if answer.verdict == "reject":
        raise OSError("the board is gone")
"""


def post(command, what, **message):
    body = json.dumps({"annotator": "ada", **message}).encode()
    headers = {"Content-Type": "application/json", "Origin": command.url.rstrip("/")}
    with urllib.request.urlopen(urllib.request.Request(f"{command.url}api/{what}", body, headers)) as reply:
        return json.loads(reply.read())


def test_a_plugin_hears_of_the_answers_of_the_page_in_all_modes_and_may_fail(desk, teach):
    (desk / "nerture_plugins.py").write_text(HEARD)
    command, ids = teach(), []
    for mode, verdict in (
        ("teach", "accept"),
        ("manual", "accept"),
        ("teach", "reject"),
        ("teach", "reject"),
    ):
        question = post(command, f"{mode}/questions", count=1)["questions"][0]
        ids.append(f"{mode} answer-{len(ids)}")
        given = {"id": ids[-1].split()[1], "question": question["id"], "verdict": verdict, "spans": None}
        for _ in range(2):
            post(command, f"{mode}/answers", answers=[{**given, "seconds": 2.0, "time": time.time()}])
    said = command.end(signal.SIGINT)
    assert command.process.returncode == 0
    assert (desk / "heard.txt").read_text().splitlines() == ids
    assert said.count("plugin nerture_plugins (") == 2
    assert "hook nerture_answer_saved: OSError: the board is gone (" in said
    assert "This plugin failed 2 times, of 4 answers." in said
    assert len(saved(desk)) == 4

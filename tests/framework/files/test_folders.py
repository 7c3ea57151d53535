from __future__ import annotations

import errno
import os

import pytest

from nerture.errors import NertureError
from nerture.files.folders import replace_folder


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "models" / "drugs"
    folder.mkdir(parents=True)
    (folder / "old.txt").write_text("old")
    return folder


def content(folder):
    return {path.name: path.read_text() for path in folder.iterdir()}


def only(target):
    """Nothing but the target lies in its parent."""
    return [path.name for path in target.parent.iterdir()] == [target.name]


def fill(target, error):
    """Replace the folder half-way, until ``error`` comes."""
    with replace_folder(target) as new:
        (new / "half").write_text("half")
        raise error


def test_a_new_folder_appears_with_its_parents(tmp_path):
    target = tmp_path / "a" / "b"
    with replace_folder(target) as new:
        (new / "file").write_text("x")
        assert not target.exists()
    assert content(target) == {"file": "x"}
    assert only(target)


def test_the_old_folder_stays_until_the_new_one_is_whole(target):
    with replace_folder(target) as new:
        (new / "new.txt").write_text("new")
        (new / "deep").mkdir()
        assert content(target) == {"old.txt": "old"}
    assert (target / "new.txt").read_text() == "new"
    assert not (target / "old.txt").exists()
    assert only(target)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, NertureError])
def test_a_failure_keeps_the_old_folder_and_leaves_nothing_behind(target, error):
    with pytest.raises(error):
        fill(target, error("stop"))
    assert content(target) == {"old.txt": "old"}
    assert only(target)


def test_a_full_disk_is_one_clear_message(target):
    with pytest.raises(NertureError, match=r"drugs: cannot be written: No space left on device"):
        fill(target, OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert content(target) == {"old.txt": "old"}
    assert only(target)


@pytest.mark.parametrize("failing", [1, 2])
def test_a_swap_that_fails_brings_the_old_folder_back(target, monkeypatch, failing):
    calls = []
    replace = os.replace

    def unlucky(source, place):
        calls.append(place)
        if len(calls) == failing:
            raise OSError(errno.EIO, "the disk is gone")
        replace(source, place)

    monkeypatch.setattr(os, "replace", unlucky)
    with pytest.raises(NertureError, match="the disk is gone"), replace_folder(target) as new:
        (new / "new.txt").write_text("new")
    assert content(target) == {"old.txt": "old"}
    assert only(target)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "model").write_text("mine")
    with (
        pytest.raises(NertureError, match="model: expected a folder, got a file"),
        replace_folder(tmp_path / "model"),
    ):
        pass
    with (
        pytest.raises(NertureError, match="cannot be written"),
        replace_folder(tmp_path / "model" / "deeper"),
    ):
        pass
    assert content(tmp_path) == {"model": "mine"}


def test_others_may_read_it(tmp_path):
    with replace_folder(tmp_path / "model") as new:
        (new / "file").write_text("x")
    assert (tmp_path / "model").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "model" / "file").stat().st_mode & 0o777 == 0o644

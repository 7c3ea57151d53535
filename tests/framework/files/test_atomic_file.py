"""Files that appear whole or not at all."""

import pytest

from nerture.errors import DataError
from nerture.files.atomic_file import AtomicFile


def test_an_atomic_file_appears_whole_or_not_at_all(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(b"old")

    def broken():
        with AtomicFile(path) as file:
            file.stream.write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        broken()
    with AtomicFile(path) as file:
        file.stream.write(b"unwanted")
        file.keep = False
    assert path.read_bytes() == b"old"
    with AtomicFile(path) as file:
        file.stream.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_one_clear_message(tmp_path, monkeypatch):
    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with (
        pytest.raises(DataError, match="x: cannot be written: No space left on device"),
        AtomicFile(tmp_path / "x") as file,
    ):
        file.stream.write(b"new")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DataError, match="cannot be written"), AtomicFile(tmp_path / "nowhere" / "x"):
        pass

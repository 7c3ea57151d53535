"""A store is opened, made, or refused with a word that says where and why."""

import os
import re
import resource
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import make_url

from nerture.errors import DataError
from nerture.store import schema
from nerture.store.location import default_place
from nerture.store.rows import import_rows
from nerture.store.store import Store


def test_the_default_place_is_named_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("NERTURE_STORE", raising=False)
    assert default_place() == str(tmp_path / "data" / "nerture" / "nerture.sqlite")
    with Store.open() as store:
        assert store.place == default_place()
    assert Path(default_place()).is_file()
    monkeypatch.setenv("NERTURE_STORE", str(tmp_path / "other.sqlite"))
    with Store.open() as store:
        assert store.place == str(tmp_path / "other.sqlite")
    monkeypatch.delenv("NERTURE_STORE")
    monkeypatch.setenv("XDG_DATA_HOME", "relative/is/not/allowed")
    assert default_place() == str(Path.home() / ".local/share/nerture/nerture.sqlite")


def test_a_new_store_is_not_made_where_one_is_only_looked_for(tmp_path):
    with pytest.raises(DataError, match=r"a\.sqlite: does not exist"):
        Store.open(tmp_path / "a.sqlite", create=False)
    assert not (tmp_path / "a.sqlite").exists()


def test_an_empty_database_is_not_made_a_store_where_one_is_only_looked_for(place):
    if "://" not in place:
        Path(place).touch()
    with pytest.raises(DataError, match="the database is empty"):
        Store.open(place, create=False)
    with pytest.raises(DataError, match="the database is empty"):
        Store.open(place, create=False)


@pytest.mark.parametrize(
    ("name", "message"),
    [(".", "expected a file, got a folder"), ("no/where.sqlite", "there is no folder .*no$")],
)
def test_a_place_that_cannot_be_a_store(tmp_path, name, message):
    with pytest.raises(DataError, match=message):
        Store.open(tmp_path / name)


def test_a_file_that_is_no_database_stays_as_it_is(tmp_path):
    (tmp_path / "notes.txt").write_text("my notes\n" * 200)
    with pytest.raises(DataError, match=r"notes\.txt: this file is not a store"):
        Store.open(tmp_path / "notes.txt")
    assert (tmp_path / "notes.txt").read_text() == "my notes\n" * 200


def test_a_database_of_something_else_stays_as_it_is(place):
    if "://" in place:
        import psycopg

        connection = psycopg.connect(place.replace("+psycopg", ""), autocommit=True)
    else:
        connection = sqlite3.connect(place)
    connection.execute("CREATE TABLE recipes (name text)")
    connection.close()
    with pytest.raises(DataError, match=r"not a store: it has other tables \(recipes\)"):
        Store.open(place)


def test_a_store_of_a_newer_version_is_refused(place):
    with Store.open(place) as store, store.writing() as connection:
        connection.execute(schema.store.update().values(version=schema.VERSION + 1))
    with pytest.raises(
        DataError, match=f"expected version {schema.VERSION} or less, got {schema.VERSION + 1}"
    ):
        Store.open(place)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://root@localhost/a", "expected a path, .* got the kind of database 'mysql'"),
        ("http://localhost/a", "got the kind of database 'http'"),
        ("sqlite://", "got a URL without a file"),
        ("sqlite:///:memory:", "got a URL without a file"),
        ("postgresql://localhost", "got a URL without a database"),
        ("postgresql://a:b@c:port/d", "a URL that cannot be read"),
    ],
)
def test_an_unknown_url_is_refused(url, message):
    with pytest.raises(DataError, match=message):
        Store.open(url)


def test_a_url_of_a_file_is_the_file(tmp_path):
    with Store.open(f"sqlite:///{tmp_path}/a.sqlite") as store:
        store.add_dataset("fruits")
    with Store.open(tmp_path / "a.sqlite", create=False) as store:
        assert store.has_dataset("fruits")


def test_errors_of_a_database_hide_the_password(tmp_path):
    pytest.importorskip("psycopg")
    with pytest.raises(DataError) as raised:
        Store.open("postgresql://me:secret@127.0.0.1:1/a")
    assert "me:***@127.0.0.1:1/a: there is no answer; is the database running?" in str(raised.value)
    assert "secret" not in str(raised.value)


def test_a_missing_driver_is_reported_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(DataError, match=r"pip install nerture\[postgres\]"):
        Store.open("postgresql://me@127.0.0.1:1/a")


def test_a_locked_store_is_waited_for_and_then_reported(tmp_path):
    with Store.open(tmp_path / "a.sqlite", timeout=0.2) as store:
        store.add_dataset("fruits")
        other = sqlite3.connect(tmp_path / "a.sqlite", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        assert store.has_dataset("fruits")  # who reads does not wait
        with pytest.raises(DataError, match=r"a\.sqlite: another program is writing to it"):
            store.add_dataset("berries")
        other.execute("ROLLBACK")
        store.add_dataset("berries")
        other.close()
        assert [info.name for info in store.datasets()] == ["berries", "fruits"]


def test_many_processes_make_one_store(place):
    code = (
        "import sys; from nerture.store.store import Store\n"
        "with Store.open(sys.argv[1]) as store: store.add_dataset(sys.argv[2]); store.add_dataset('all')"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, place, f"d{number}"]) for number in range(6)]
    assert [process.wait() for process in running] == [0] * 6
    with Store.open(place, create=False) as store:
        assert [info.name for info in store.datasets()] == ["all", *(f"d{number}" for number in range(6))]


def test_a_full_disk_loses_nothing_that_was_saved_and_the_store_goes_on_afterwards(tmp_path):
    path = tmp_path / "a.sqlite"

    def some(first):
        return import_rows(
            {"text": f"{number} " * 50, "answer": "accept"} for number in range(first, first + 20)
        )

    with Store.open(path) as store:
        store.add_dataset("fruits")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, limits[1]))
        saved = 0
        try:
            while saved < 10_000:
                store.add("fruits", some(saved))
                saved += 20
        except DataError as error:
            refused = str(error)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert re.search(r"a\.sqlite: the disk (is full|refuses)", refused)
        assert 0 < saved < 10_000
        assert len(list(store.answers("fruits"))) == saved
        store.add("fruits", some(saved))
    with Store.open(path, create=False) as store:
        assert len(list(store.answers("fruits"))) == saved + 20


def test_a_commit_waits_for_the_disk(place):
    with Store.open(place) as store, store.reading() as connection:
        if "://" in place:
            assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        else:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
            assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"


def test_a_commit_waits_for_the_disk_where_the_server_would_not(cluster):
    url = cluster.new_database()
    name = make_url(url).database
    with Store.open(url) as store, store.writing() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    with Store.open(url) as store, store.reading() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_the_commands_start_without_sqlalchemy():
    imports = "import sys, nerture.cli.command_group, nerture.hosting.services"
    code = f"{imports}; sys.exit('sqlalchemy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ}, check=False).returncode == 0

"""Reading as of one moment on SQLite, with a database file as an installation has it."""
import sqlite3

import pytest
from django.conf import settings
from django.db.utils import ConnectionHandler

from office import sql


@pytest.fixture
def database(tmp_path, monkeypatch):
    """A database file of its own, with the settings of the product; `sql` works on it."""
    path = tmp_path / "db.sqlite3"
    options = {"timeout": 1, "transaction_mode": "IMMEDIATE",
               "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"}
    handler = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": str(path), "OPTIONS": options}})
    connection = handler["default"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE thing (number integer)")
    monkeypatch.setattr(sql, "connection", connection)
    yield connection, path
    connection.close()


def count(connection) -> int:
    with connection.cursor() as cursor:
        return cursor.execute("SELECT count(*) FROM thing").fetchone()[0]


@pytest.mark.skipif(settings.DATABASES["default"]["ENGINE"].endswith("postgresql"), reason="proven there by the ledgers")
@pytest.mark.django_db
def test_writers_go_on_and_the_reader_does_not_see_them(database):
    connection, path = database
    with sql.one_moment():
        assert count(connection) == 0
        with sqlite3.connect(path, timeout=1) as other:
            other.execute("INSERT INTO thing VALUES (1)")
        assert count(connection) == 0
    assert count(connection) == 1


@pytest.mark.django_db
def test_an_error_inside_ends_the_reading(database):
    connection, _ = database
    with pytest.raises(KeyError), sql.one_moment():
        raise KeyError
    with sql.one_moment():
        assert count(connection) == 0

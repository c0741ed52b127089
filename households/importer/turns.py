"""One import writes at a time: an ID number may stand only once in the whole register, so two must not decide together.

The turn ends with the process or its database connection; a killed worker leaves nothing behind.
"""
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

_LOCK = 0x7265676973746572   # "register" in ASCII; any number that nobody else uses
PAUSE_SECONDS = 1.0


@contextmanager
def turn(waiting: Callable[[], None]) -> Iterator[None]:
    """Wait for the turn and hold it; `waiting` is called about once a second meanwhile."""
    held = _database_turn if connection.vendor == "postgresql" else _file_turn
    with held(waiting):
        yield


@contextmanager
def _database_turn(waiting: Callable[[], None]) -> Iterator[None]:
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
            if cursor.fetchone()[0]:
                break
            waiting()
            time.sleep(PAUSE_SECONDS)
    try:
        yield
    finally:
        if connection.is_usable():   # a lost connection has given the turn up already
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


@contextmanager
def _file_turn(waiting: Callable[[], None]) -> Iterator[None]:
    """SQLite serves one machine, so a locked file is enough."""
    handle = os.open(settings.VAR / "import.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                waiting()
                time.sleep(PAUSE_SECONDS)
        yield
    finally:
        os.close(handle)

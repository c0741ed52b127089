"""Imports that meet: one writes at a time, and no household is ever half written."""
import threading

import pytest
from django.db import OperationalError, connection

from households.importer import Import, ImportInterrupted
from households.importer.turns import turn
from households.models import HouseholdYear, MemberYear
from office import history
from office.models import Programme
from tests.households.workbook import build, household, member

pytestmark = [pytest.mark.django_db, pytest.mark.req("R320")]


def test_who_comes_second_waits_for_the_first(tmp_path, monkeypatch):
    monkeypatch.setattr("households.importer.turns.PAUSE_SECONDS", 0.01)
    path = build(tmp_path / "a.xlsx", [household()], [member()])
    taken, leave = threading.Event(), threading.Event()
    heard = []

    def first():
        with turn(lambda: None):
            taken.set()
            leave.wait(20)
        connection.close()

    def progress(done, total, message):
        heard.append(message)
        if message.startswith("等待"):
            leave.set()

    holder = threading.Thread(target=first)
    holder.start()
    assert taken.wait(20)
    answer = Import(path, Programme.objects.get(pk="MZ2016"), progress=progress).run()
    holder.join(20)

    assert any(message.startswith("等待") for message in heard)
    assert answer["households"]["created"] == 1


def test_a_chunk_that_fails_leaves_whole_households(tmp_path, monkeypatch):
    monkeypatch.setattr("households.importer.run.CHUNK", 1)
    path = build(tmp_path / "a.xlsx", [household(n) for n in (1, 2)], [member(n) for n in (1, 2)])
    write, calls = history.write, []

    def fails_in_the_second_household(model, *args, **kwargs):
        calls.append(model)
        if len(calls) == 4:   # its household is written, its members are about to be
            raise OperationalError("server closed the connection")
        return write(model, *args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr("office.history.write", fails_in_the_second_household)
        work = Import(path, Programme.objects.get(pk="MZ2016"))
        with pytest.raises(ImportInterrupted) as stopped:
            work.run()
    again = Import(path, Programme.objects.get(pk="MZ2016")).run()

    assert "已写入 1 户" in str(stopped.value)
    assert again["households"] == {"created": 1, "updated": 0, "unchanged": 1, "refused": 0}
    assert HouseholdYear.objects.count() == MemberYear.objects.count() == 2

"""An export or a check shows one moment: what is written while it reads is not half in, and nobody waits for it."""
import threading

import pytest
from django.db import connection

from funds import chain
from funds.ledgers import orders, project_rows
from funds.ledgers.export import export
from office import trail


def in_another_connection(work) -> None:
    def run():
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=30)
    assert not thread.is_alive()


READERS_LOCK = pytest.mark.skipif(connection.vendor == "sqlite", reason="in memory readers lock; see tests/office/test_sql.py")


@READERS_LOCK
@pytest.mark.req("R307")
def test_a_project_registered_meanwhile_is_not_half_in(committed_db, desk, tmp_path, monkeypatch):
    desk.project("XM001")
    whole = project_rows.rows

    def late(extent):
        in_another_connection(lambda: desk.project("XM000"))
        return whole(extent)

    monkeypatch.setattr(project_rows, "rows", late)
    record = orders.order(None, "projects", desk.programme)
    assert export(record, tmp_path / "p.xlsx").rows == 1
    monkeypatch.undo()
    assert export(orders.order(None, "projects", desk.programme), tmp_path / "p.xlsx").rows == 2


@READERS_LOCK
@pytest.mark.req("R307")
def test_what_is_posted_while_the_chain_is_read_is_no_alarm(committed_db, desk, monkeypatch):
    county = desk.appropriation("100")
    noted = chain.head

    def then_one_more():
        found = noted()
        in_another_connection(lambda: desk.approve(desk.transfer(county, "1")))
        return found

    monkeypatch.setattr(chain, "head", then_one_more)
    assert chain.verify() == chain.ChainReport(1, None)
    monkeypatch.undo()
    assert chain.verify() == chain.ChainReport(2, None)


@READERS_LOCK
def test_what_is_recorded_while_the_trail_is_read_is_no_alarm(committed_db, monkeypatch):
    trail.record(None, "一")
    computed = trail.digest_of

    def then_one_more(event):
        monkeypatch.undo()
        in_another_connection(lambda: trail.record(None, "二"))
        return computed(event)

    monkeypatch.setattr(trail, "digest_of", then_one_more)
    before = trail.verify()
    assert before.ok
    assert trail.verify() == trail.ChainReport(before.entries + 1, None)

"""An export shows one moment: what is written while it reads is not half in, and nobody waits for it."""
import threading

import pytest
from django.db import connection

from funds.ledgers import orders, project_rows
from funds.ledgers.export import export


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


@pytest.mark.skipif(connection.vendor == "sqlite", reason="in memory readers lock; see tests/office/test_sql.py")
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

"""Files of ledgers go after their days; the record of what was exported stays."""
import os
import time
from pathlib import Path

import pytest

from funds.ledgers import checking, orders, sweeping
from funds.models import ExportRecord
from office.models import Area, AuditEvent, Programme
from tests.funds.conftest import COUNTY
from tests.funds.pages import words

pytestmark = pytest.mark.django_db
DAY = 86400


@pytest.fixture
def exported(desk, client_of, django_capture_on_commit_callbacks):
    """A ledger that somebody exported, and the browser of that person."""
    desk.appropriation("100")
    client = client_of("auditor", COUNTY)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/funds/ledgers/new/", {"kind": "funds", "programme": "MZ2016", "area": COUNTY, "numbers": "masked"})
    record = ExportRecord.objects.get()
    assert orders.path_of(record).is_file()
    return record, client


def aged(path: Path, days: float) -> Path:
    os.utime(path, (time.time() - days * DAY,) * 2)
    return path


@pytest.mark.req("R307", "R335")
def test_an_old_file_goes_and_its_record_stays(exported):
    record, client = exported
    path = aged(orders.path_of(record), 31)

    assert sweeping.sweep() == 1

    assert not path.exists()
    record.refresh_from_db()
    assert (record.state, bool(record.sha256), bool(record.digest)) == ("done", True, True)
    assert AuditEvent.objects.filter(action="清理台账文件", subject=record.number).exists()
    page = words(client.get(f"/funds/ledgers/{record.pk}/"))
    assert "文件已清理" in page
    assert "30 天" in page
    assert "下载台账" not in page


def test_a_younger_file_stays(exported):
    record, _ = exported
    aged(orders.path_of(record), 29)

    assert sweeping.sweep() == 0
    assert orders.path_of(record).is_file()


def test_full_numbers_that_nobody_took_go_sooner(desk, settings):
    record = ExportRecord.objects.create(
        number="ZJ1", kind="funds", programme=Programme.objects.get(pk="MZ2016"), area=Area.objects.get(pk=COUNTY), masked=False,
        state="done", requested_by=desk.clerk, decided_by=desk.chief)
    path = orders.path_of(record)
    path.parent.mkdir(parents=True)
    path.write_bytes(b"x")
    aged(path, 8)

    assert sweeping.sweep() == 1
    assert not path.exists()


def test_an_upload_whose_check_never_ran_goes(settings):
    folder = Path(settings.MEDIA_ROOT) / checking.FOLDER
    folder.mkdir(parents=True)
    old, young = folder / "old.xlsx", folder / "young.xlsx"
    for path in (old, young):
        path.write_bytes(b"x")
    aged(old, 8)

    assert sweeping.sweep() == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_nothing_was_ever_exported():
    assert sweeping.sweep() == 0

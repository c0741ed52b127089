"""Handing a workbook in by browser: check, look, confirm, get it back marked; asking for an export."""
import json
import stat
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from households import tasks
from households.models import HouseholdYear, ImportBatch
from office.models import AuditEvent, Job, Programme
from tests.households.workbook import build, citizen_number, household, household_no, member

pytestmark = [pytest.mark.django_db, pytest.mark.req("R320")]

IMPORTS = "/households/imports/"


def upload(client, path, programme="MZ2016"):
    return client.post(f"{IMPORTS}new/", {"programme": programme, "file": SimpleUploadedFile("登记表.xlsx", path.read_bytes())})


@pytest.fixture
def clerk(client_of):
    return client_of("town_clerk", "441424134000")


@pytest.fixture
def handed_in(clerk, tmp_path, django_capture_on_commit_callbacks):
    """Hand in a workbook of these rows as the clerk; the check runs at once. Gives the upload."""
    def send(households, members, client=clerk):
        path = build(tmp_path / f"{ImportBatch.objects.count()}.xlsx", households, members)
        with django_capture_on_commit_callbacks(execute=True):
            answer = upload(client, path)
        assert answer.status_code == 302, answer.content.decode()[:3000]
        return ImportBatch.objects.latest("pk")
    return send


def press(client, batch, what, capture):
    with capture(execute=True):
        answer = client.post(f"{IMPORTS}{batch.pk}/{what}/")
    batch.refresh_from_db()
    return answer


def test_check_shows_the_difference_and_writes_nothing(handed_in, clerk):
    batch = handed_in([household(), household(2, 家庭人口数=3)], [member(), member(2)])

    page = clerk.get(batch.get_absolute_url()).content.decode()

    assert batch.state == "checked"
    assert batch.counts["households"] == {"created": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert not HouseholdYear.objects.exists()
    for word in ("确认写入", "家庭人口数 3", household_no(2), "第 3 行"):
        assert word in page


def test_confirmed_it_is_written_once(handed_in, clerk, django_capture_on_commit_callbacks):
    batch = handed_in([household()], [member()])

    press(clerk, batch, "apply", django_capture_on_commit_callbacks)
    press(clerk, batch, "apply", django_capture_on_commit_callbacks)

    assert batch.state == "applied"
    assert HouseholdYear.objects.get().history.get().history_user == clerk.officer
    assert Job.objects.filter(task=tasks.APPLY).count() == 1
    assert AuditEvent.objects.filter(action="导入登记数据", officer=clerk.officer).count() == 1


def test_changes_are_shown_before_and_after_without_numbers(handed_in, clerk, django_capture_on_commit_callbacks):
    first = handed_in([household()], [member()])
    press(clerk, first, "apply", django_capture_on_commit_callbacks)

    second = handed_in([household(工资性收入=12345.6, 联系电话="13800001234")], [member(证件号码=citizen_number(99))])

    page = clerk.get(second.get_absolute_url()).content.decode()
    for word in ("10,000.00", "12,345.60", "138****1234", "修改"):
        assert word in page
    assert citizen_number(99) not in page
    assert "13800001234" not in json.dumps(list(second.rows.values_list("changes", flat=True)))


def test_rows_of_another_township_are_refused(client_of, handed_in):
    other = client_of("town_clerk", "441424103000")

    batch = handed_in([household()], [member()], client=other)

    assert batch.counts["households"]["refused"] == 1
    assert "不在您负责的区域内" in batch.rows.get().findings[0]["text"]


def test_a_number_held_elsewhere_is_refused_without_saying_where(client_of, handed_in, load):
    load([household()], [member(证件号码=citizen_number(77))])
    other = client_of("town_clerk", "441424103000")
    village = "441424103001"

    batch = handed_in([household(户编号=f"{village}0001")],
                      [member(户编号=f"{village}0001", 人编号=f"{village}000101", 证件号码=citizen_number(77))], client=other)

    text = json.dumps(batch.rows.get().findings, ensure_ascii=False)
    assert "其他区域" in text
    assert household_no(1) not in text


def test_the_marked_workbook_comes_back_to_its_owner_only(handed_in, clerk, client_of):
    batch = handed_in([household(家庭人口数=3)], [member()])
    url = reverse("households:import_report", args=[batch.pk])

    answer = clerk.get(url)

    path = Path(settings.MEDIA_ROOT) / "own.xlsx"
    path.write_bytes(b"".join(answer.streaming_content))
    assert load_workbook(path).sheetnames[0] == "检查结果"
    assert client_of("county_office", "441424000000").get(url).status_code == 404
    assert stat.S_IMODE((Path(settings.MEDIA_ROOT) / batch.file).stat().st_mode) == 0o600


def test_set_aside_nothing_is_left(handed_in, clerk, django_capture_on_commit_callbacks):
    batch = handed_in([household()], [member()])
    kept = Path(settings.MEDIA_ROOT) / batch.file

    press(clerk, batch, "discard", django_capture_on_commit_callbacks)
    press(clerk, batch, "apply", django_capture_on_commit_callbacks)

    assert (batch.state, kept.exists(), HouseholdYear.objects.exists()) == ("discarded", False, False)


def test_a_killed_worker_is_resumed_and_counts_everything(handed_in, clerk, django_capture_on_commit_callbacks, monkeypatch):
    monkeypatch.setattr("households.importer.run.CHUNK", 1)
    batch = handed_in([household(n) for n in (1, 2, 3)], [member(n) for n in (1, 2, 3)])
    seen = []

    def dies(self, rows, message):
        seen.append(message)
        if seen.count("写入") == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("households.importer.run.Import._step", dies)
        with pytest.raises(KeyboardInterrupt):
            press(clerk, batch, "apply", django_capture_on_commit_callbacks)
    written = HouseholdYear.objects.count()
    Job.objects.filter(task=tasks.APPLY).update(state="queued")
    tasks.apply_workbook(Job.objects.get(task=tasks.APPLY).pk)

    batch.refresh_from_db()
    assert written == 2
    assert batch.state == "applied"
    assert batch.counts["households"] == batch.counts["members"] == {
        "created": 3, "updated": 0, "unchanged": 0, "refused": 0}
    assert batch.rows.filter(outcome="created").count() == 3


@pytest.mark.parametrize(("name", "content"), [("a.xls", b"x"), ("a.xlsx", b""), ("a.xlsx", b"PK\x03\x04broken")])
def test_what_is_no_workbook_is_not_kept(clerk, name, content):
    answer = clerk.post(f"{IMPORTS}new/", {"programme": "MZ2016", "file": SimpleUploadedFile(name, content)})

    assert answer.status_code == 200
    assert "没有上传" in answer.content.decode()
    assert not ImportBatch.objects.exists()
    assert not [path for path in Path(settings.MEDIA_ROOT).rglob("*.xlsx")]


def test_a_sheet_without_a_required_column_is_refused_whole(handed_in, clerk):
    row = household()
    del row["劳动能力"]

    batch = handed_in([row], [member()])

    assert batch.state == "refused"
    assert "劳动能力" in clerk.get(batch.get_absolute_url()).content.decode()


def test_template_and_pages_answer(clerk, handed_in):
    batch = handed_in([household()], [member()])

    assert clerk.get(f"{IMPORTS}template.xlsx").status_code == 200
    assert "登记表.xlsx" in clerk.get(IMPORTS).content.decode()
    assert clerk.get(f"{batch.get_absolute_url()}?outcome=created").status_code == 200


def test_an_export_asks_for_a_reason_and_is_in_the_trail(clerk, load, django_capture_on_commit_callbacks):
    load([household()], [member()])
    asked = {"programme": "MZ2016", "year": 2018, "area": "441424134000"}

    silent = clerk.post("/households/exports/new/", asked)
    with django_capture_on_commit_callbacks(execute=True):
        answer = clerk.post("/households/exports/new/", asked | {"reason": "县里核对名单"})

    assert silent.status_code == 200
    job = Job.objects.get(task=tasks.EXPORT)
    assert (answer.status_code, job.state, job.result["counts"]["households"]) == (302, "done", 1)
    event = AuditEvent.objects.get(action="导出登记数据")
    assert (event.detail["reason"], event.detail["members"]) == ("县里核对名单", 1)
    assert clerk.get(reverse("office:job_file", args=[job.pk])).status_code == 200


def test_an_export_stays_within_the_own_area(clerk):
    asked = {"programme": "MZ2016", "year": 2018, "area": "441424103000", "reason": "想看看别处"}

    assert clerk.post("/households/exports/new/", asked).status_code == 200
    assert not Job.objects.exists()


def test_only_programmes_of_the_own_area_are_offered(clerk):
    page = clerk.get(f"{IMPORTS}new/").content.decode()

    assert Programme.objects.get(pk="MZ2016").name in page
    assert Programme.objects.get(pk="JH2016").name not in page

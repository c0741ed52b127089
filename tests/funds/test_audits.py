"""The audit plan, findings of five kinds, and their outcome: recorded by the poverty office, read by the auditor."""
import io

import openpyxl
import pytest

from funds.models import Audit, AuditFinding
from funds.states import Misuse
from tests.factories import VILLAGE
from tests.funds.conftest import COUNTY, TOWN, day, fresh
from tests.funds.pages import browser, households, paid, words

pytestmark = pytest.mark.django_db
PLAN = {"year": "2018", "title": "扶贫项目跟踪审计", "body": "audit", "organ": "五华县审计局", "area": COUNTY, "project": "",
        "planned_to": "2018-10-31", "started_on": "", "finished_on": "", "report_number": "", "conclusion": ""}
FOUND = {"kind": "diversion", "amount": "20,000.50", "description": "油茶项目资金用于办公楼维修", "project": "", "movement": "",
         "found_on": "2018-06-10", "deadline": "2018-08-10", "state": "open", "outcome": "", "recovered": "", "handed_to": "",
         "closed_on": "", "result": ""}


@pytest.fixture
def chief(desk):
    return browser(desk.chief)


@pytest.fixture
def audit(desk) -> Audit:
    return Audit.objects.create(year=2018, title="跟踪审计", body="audit", organ="五华县审计局", area_id=COUNTY,
                                planned_to=day("2018-10-31"), started_on=day("2018-06-01"), recorded_by=desk.chief)


@pytest.mark.req("R147")
def test_the_five_kinds_are_those_of_the_documents():
    assert Misuse.labels == ["挤占", "挪用", "截留私分", "虚报冒领", "挥霍浪费"]


@pytest.mark.req("R146")
def test_from_the_plan_to_the_conclusion(chief, desk):
    chief.post("/funds/supervision/audits/new/", PLAN)
    audit = Audit.objects.get()
    assert "逾期未完成" in words(chief.get("/funds/supervision/audits/"))             # planned until 2018

    begun = PLAN | {"started_on": "2018-06-01"}
    chief.post(f"/funds/supervision/audits/{audit.pk}/edit/", begun)
    silent = chief.post(f"/funds/supervision/audits/{audit.pk}/edit/", begun | {"finished_on": "2018-09-01"})
    assert "已完成的审计检查请填写审计结论" in words(silent)
    chief.post(f"/funds/supervision/audits/{audit.pk}/edit/", begun | {"finished_on": "2018-09-01", "conclusion": "发现一个问题"})
    assert fresh(audit).finished_on == day("2018-09-01")
    page = words(chief.get(f"/funds/supervision/audits/{audit.pk}/"))
    assert "已完成" in page
    assert "发现一个问题" in page


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("area", "", "请填审计范围"), ("area", "441422000000", "不在您办理的区域内"), ("project", "没有", "没有项目编码为“没有”"),
    ("finished_on", "2018-05-01", "完成日期"), ("organ", "", "必填")])
def test_what_is_wrong_with_a_plan_is_said(chief, field, value, sentence):
    page = chief.post("/funds/supervision/audits/new/", PLAN | {field: value})

    assert page.status_code == 422
    assert sentence in words(page)
    assert not Audit.objects.exists()


@pytest.mark.req("R146")
def test_a_single_project_is_followed(chief, desk):
    project = desk.project()
    chief.post("/funds/supervision/audits/new/", PLAN | {"area": "", "project": project.number, "started_on": "2018-06-01"})
    audit = Audit.objects.get()
    assert (audit.project, audit.area_id) == (project, VILLAGE)
    other = desk.project("XM2")
    wrong = chief.post(f"/funds/supervision/audits/{audit.pk}/findings/new/", FOUND | {"project": other.number})
    assert "不是本次跟踪审计的项目" in words(wrong)


@pytest.mark.req("R147")
def test_a_finding_is_put_right_recovered_or_handed_over(chief, audit):
    chief.post(f"/funds/supervision/audits/{audit.pk}/findings/new/", FOUND)
    found = AuditFinding.objects.get()
    assert (found.kind, str(found.amount), found.state) == ("diversion", "20000.50", "open")
    assert "逾期" in words(chief.get("/funds/supervision/findings/"))

    edit = f"/funds/supervision/findings/{found.pk}/edit/"
    closed = FOUND | {"state": "closed", "closed_on": "2018-08-01"}
    assert "办结的请选处理结果" in words(chief.post(edit, closed))
    assert "请填追回金额" in words(chief.post(edit, closed | {"outcome": "recovered"}))
    assert "追回金额不能大于涉及金额" in words(chief.post(edit, closed | {"outcome": "recovered", "recovered": "20000.51"}))
    assert "请填移送机关" in words(chief.post(edit, closed | {"outcome": "transferred"}))
    chief.post(edit, closed | {"outcome": "recovered", "recovered": "20000.50"})
    found = fresh(found)
    assert (found.state, found.recovered) == ("closed", found.amount)
    assert found.history.count() == 2
    page = words(chief.get("/funds/supervision/findings/", {"kind": "diversion"}))
    assert "追回金额 2.00 万元" in page or "20,000.50" in page
    assert "没有符合条件的审计发现" in words(chief.get("/funds/supervision/findings/", {"kind": "squandering"}))


@pytest.mark.req("R147")
def test_a_payment_to_a_household_may_be_what_was_found(chief, desk, audit):
    households(1)
    batch = paid(desk, desk.appropriation("10000"))
    movement = batch.movements.get()
    false_claim = FOUND | {"kind": "false_claim", "movement": str(movement.pk)}
    page = chief.post(f"/funds/supervision/audits/{audit.pk}/findings/new/", false_claim)
    assert f"涉及金额大于第 {movement.pk} 号流水的金额" in words(page)
    chief.post(f"/funds/supervision/audits/{audit.pk}/findings/new/", false_claim | {"amount": "800"})

    found = AuditFinding.objects.get()
    assert (found.movement, found.area_id) == (movement, movement.area_id)
    assert f"第 {movement.pk} 号" in words(chief.get(f"/funds/supervision/findings/{found.pk}/"))


def test_before_a_check_began_it_found_nothing(chief, audit):
    page = chief.post(f"/funds/supervision/audits/{audit.pk}/findings/new/", FOUND | {"found_on": "2018-05-31"})
    assert "早于审计检查的进点日期" in words(page)


@pytest.mark.req("R146", "R147")
def test_the_auditor_reads_and_takes_away_and_changes_nothing(desk, chief, audit, client_of):
    chief.post(f"/funds/supervision/audits/{audit.pk}/findings/new/", FOUND)
    auditor = client_of("auditor", COUNTY)
    page = words(auditor.get("/funds/supervision/findings/"))
    assert "挪用" in page
    assert "登记审计发现" not in words(auditor.get(f"/funds/supervision/audits/{audit.pk}/"))
    assert auditor.post(f"/funds/supervision/audits/{audit.pk}/findings/new/", FOUND).status_code == 403
    assert auditor.post("/funds/supervision/audits/new/", PLAN).status_code == 403

    answer = auditor.get("/funds/supervision/findings/export/")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[3][:2] == ("挪用", "油茶项目资金用于办公楼维修")
    assert rows[3][5] == 20000.5
    answer = auditor.get("/funds/supervision/audits/export/")
    assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_a_township_sees_what_lies_in_it(desk, chief, audit, client_of):
    project = desk.project()
    chief.post(f"/funds/supervision/audits/{audit.pk}/findings/new/", FOUND | {"project": project.number})
    chief.post(f"/funds/supervision/audits/{audit.pk}/findings/new/", FOUND | {"description": "县级的问题"})
    town = client_of("town_clerk", TOWN)
    assert "油茶项目资金用于办公楼维修" in words(town.get(f"/funds/projects/{project.pk}/"))

    page = words(town.get("/funds/supervision/findings/"))
    assert "油茶项目资金用于办公楼维修" in page
    assert "县级的问题" not in page


def test_places_are_suggested_from_the_own_area(chief):
    assert "441424134000 水寨镇" in chief.get("/funds/supervision/audits/places/", {"area": "水寨"}).content.decode()

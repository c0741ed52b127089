"""Ledgers in the browser: asked for, approved by another person when numbers are to be full, downloaded, kept in the trail."""
import io
from pathlib import Path

import openpyxl
import pytest
from django.test import Client

from funds import payment_lists, payments
from funds.ledgers import orders
from funds.models import ExportRecord
from office.models import Area, AuditEvent
from tests.factories import id_number, make_household
from tests.funds.conftest import COUNTY, TOWN, USES, day, fresh

pytestmark = pytest.mark.django_db
NUMBER = id_number(7)


@pytest.fixture
def batch(desk):
    account = desk.appropriation("50000")
    make_household(serial=1, year=2017, bank_card="6217003000000000001", members=[{"id_number": NUMBER}])
    made = payment_lists.create(desk.clerk, account=account, area=Area.objects.get(pk=TOWN), item="产业奖补", year=2017,
                                unit="household", standard="1000", use=USES[0])
    payment_lists.fill(made)
    payment_lists.check(fresh(made), desk.clerk)
    payment_lists.approve(fresh(made), desk.chief, on=day("2017-04-01"))
    payments.pay(fresh(made), desk.clerk, on=day("2017-04-05"))


@pytest.fixture
def auditor(client_of):
    return client_of("auditor", COUNTY)


def client_for(officer) -> Client:
    client = Client()
    client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def ask(django_capture_on_commit_callbacks):
    """Fills in the form and lets the job run; returns the record."""
    def ask(client, **facts):
        asked = {"kind": "payments", "programme": "MZ2016", "area": COUNTY, "year": "", "numbers": "masked"} | facts
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post("/funds/ledgers/new/", asked)
        assert answer.status_code == 302, answer.context["form"].errors
        return ExportRecord.objects.latest("pk")
    return ask


@pytest.fixture
def press(django_capture_on_commit_callbacks):
    def press(client, record, what, **facts):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(f"/funds/ledgers/{record.pk}/{what}/", facts, follow=True)
    return press


def content_of(answer) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))


@pytest.mark.req("R307", "R335")
def test_the_auditor_exports_and_downloads(auditor, batch, ask):
    record = ask(auditor)
    page = auditor.get(f"/funds/ledgers/{record.pk}/").content.decode()
    assert (record.state, record.rows, record.total) == ("done", 1, 1000)
    assert record.chain_head in page
    answer = auditor.get(f"/funds/ledgers/{record.pk}/file/")
    book = content_of(answer)
    assert record.number in answer["Content-Disposition"] or "utf-8" in answer["Content-Disposition"]
    assert book["台账"]["D4"].value == f"{NUMBER[:6]}********{NUMBER[-4:]}"
    assert f"导出人：{auditor.officer}" in book["台账"]["A2"].value
    assert auditor.get(f"/funds/ledgers/{record.pk}/file/").status_code == 200
    assert {"申请导出台账", "导出台账", "下载台账"} <= set(AuditEvent.objects.values_list("action", flat=True))
    assert record.number in auditor.get("/funds/ledgers/").content.decode()


@pytest.mark.req("R335")
def test_full_numbers_need_another_person_and_are_taken_once(auditor, batch, ask, press, desk):
    record = ask(auditor, numbers="full", reason="审计署调阅，交审计一科")
    assert (record.state, record.job) == ("requested", None)
    assert "不能审批自己的申请" in press(auditor, record, "approve").content.decode()
    chief = client_for(desk.chief)
    assert "审计署调阅" in chief.get(f"/funds/ledgers/{record.pk}/").content.decode()
    press(chief, record, "approve")
    record = fresh(record)
    assert (record.state, record.decided_by) == ("done", desk.chief)
    assert press(chief, record, "file").status_code == 404
    assert auditor.get(f"/funds/ledgers/{record.pk}/file/").status_code == 302       # a link does not use it up
    book = content_of(press(auditor, record, "file"))
    assert book["台账"]["D4"].value == NUMBER
    assert "未隐去（扶贫办复核批准）" in book["台账"]["A2"].value
    assert "只能下载一次" in press(auditor, record, "file").content.decode()
    assert not Path(orders.path_of(record)).exists()
    events = AuditEvent.objects.filter(subject=record.number).order_by("sequence")
    assert [event.action for event in events] == ["申请导出台账", "批准导出完整号码", "导出台账", "下载台账"]
    assert NUMBER not in str([event.detail for event in events])


def test_a_request_may_be_refused_with_a_reason(auditor, batch, ask, press, desk):
    record = ask(auditor, numbers="full", reason="核对名单用")
    chief = client_for(desk.chief)
    assert "请写明不批准的原因" in press(chief, record, "refuse").content.decode()
    press(chief, record, "refuse", reason="用途不明")
    assert (fresh(record).state, fresh(record).decision_note) == ("refused", "用途不明")
    assert "未批准，不能再审批" in press(chief, record, "approve").content.decode()


def test_who_may_not_export_cannot_approve_either(auditor, batch, ask, press, client_of):
    record = ask(auditor, numbers="full", reason="核对名单用")
    for role, area in (("town_clerk", TOWN), ("county_office", "441422000000")):
        assert press(client_of(role, area), record, "approve").status_code == 404
    leader = client_of("county_leader", COUNTY)
    press(leader, record, "approve")
    assert fresh(record).decided_by == leader.officer


@pytest.mark.parametrize(("facts", "said"), [
    ({"numbers": "full", "reason": ""}, "请写明用途"),
    ({"numbers": "full", "kind": "funds", "reason": "核对名单"}, "不含证件号码"),
    ({"area": "441422000000"}, ""), ({"kind": "x"}, ""), ({"programme": "HY2018"}, "")])
def test_what_cannot_be_exported_is_said_at_its_field(auditor, facts, said):
    asked = {"kind": "payments", "programme": "MZ2016", "area": COUNTY, "year": "", "numbers": "masked"} | facts
    answer = auditor.post("/funds/ledgers/new/", asked)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ExportRecord.objects.exists()


def test_an_export_that_stopped_half_way_can_be_sent_again(auditor, batch, press, desk):
    record = orders.order(auditor.officer, "payments", desk.programme, Area.objects.get(pk=COUNTY))
    assert "重新执行" in auditor.get(f"/funds/ledgers/{record.pk}/").content.decode()
    press(auditor, record, "retry")
    assert fresh(record).state == "done"


def test_the_clerk_of_a_township_sees_no_exports(client_of):
    assert client_of("town_clerk", TOWN).get("/funds/ledgers/").status_code == 403
    assert client_of("town_clerk", TOWN).get("/funds/ledgers/check/").status_code == 200


@pytest.mark.req("R307", "R335")
def test_the_auditor_has_the_whole_ledger_recomputed(batch, auditor, raw_change, django_capture_on_commit_callbacks):
    def outcome():
        with django_capture_on_commit_callbacks(execute=True):
            assert auditor.post("/funds/ledgers/verify/").url == "/funds/ledgers/check/"
        return auditor.get("/funds/ledgers/check/").content.decode()

    assert "核对 2 条流水和全部账户余额，全部相符" in outcome()
    assert AuditEvent.objects.filter(action="核对资金流水链").count() == 1
    raw_change("UPDATE funds_movement SET amount = amount + 1 WHERE sequence = 2")
    text = outcome()
    assert '<a href="/funds/movements/2/">第 2 号流水</a>与链不符' in text
    assert "的余额与流水不符" in text

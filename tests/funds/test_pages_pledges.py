"""Promised sums through the pages: taken down, corrected with a reason, matched with the documents that bring them, late."""
import re

import pytest

from funds.models import Appropriation, Pledge
from office.models import AuditEvent
from tests.factories import VILLAGE
from tests.funds.conftest import COUNTY, TOWN, day, fresh
from tests.funds.pages import browser, told, words
from tests.funds.test_pages_entries import DOCUMENT

pytestmark = pytest.mark.django_db
PROMISE = {"programme": "MZ2016", "area": COUNTY, "source": "society", "payer_name": "县商会", "amount": "150,000",
           "pledged_on": "2017-04-12", "due_on": "2017-08-31", "note": ""}
BRINGS = DOCUMENT | {"source": "society", "payer_name": "县商会", "issued_on": "2017-07-01", "amount": "90000",
                     "document_number": "捐〔2017〕1号"}


@pytest.fixture
def clerk(desk):
    return browser(desk.clerk)


@pytest.fixture
def promise(clerk) -> Pledge:
    clerk.post("/funds/pledges/new/", PROMISE)
    return Pledge.objects.get()


@pytest.mark.req("R136", "R137")
def test_a_promise_is_taken_down_comes_in_part_and_is_late(desk, clerk, promise):
    assert (promise.amount, promise.recorded_by, promise.area_id) == (150000, desk.clerk, COUNTY)
    assert AuditEvent.objects.filter(action="登记认筹", subject=f"认筹 {promise.pk}").exists()
    form = clerk.get("/funds/appropriations/new/", {"pledge": promise.pk}).content.decode()
    assert f'<option value="{promise.pk}" selected>县商会' in form
    assert 'value="150000.00"' in form

    clerk.post("/funds/appropriations/new/", BRINGS | {"pledge": promise.pk})
    document = Appropriation.objects.get()
    assert document.pledge == promise
    desk.approve(document.vouchers.get())
    desk.appropriation("7000", number="捐〔2017〕2号", on="2017-07-02", source="society", payer_name="县商会")

    page = clerk.get("/funds/pledges/", {"state": "late", "area": COUNTY, "programme": "MZ2016", "source": "society"})
    assert "县商会" in words(page)
    assert "60,000.00" in words(page)                               # 150,000 − 90,000
    assert "已到账 9.00 万元 60.0%" in words(page)
    [url] = set(re.findall(r'href="(/funds/movements/\?pledge=\d+)"', page.content.decode()))
    assert "合计 90,000.00 元" in words(clerk.get(url))
    sheet = words(clerk.get(f"/funds/pledges/{promise.pk}/"))
    assert "应于 2017-08-31 前到账，尚有 60,000.00 元没有到账" in sheet
    assert "捐〔2017〕1号" in sheet
    assert "没有符合条件的认筹" in words(clerk.get("/funds/pledges/", {"state": "done"}))


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("amount", "100.123", "小数超过两位"), ("amount", "0", "金额必须大于零"), ("due_on", "2017-04-11", "早于认筹日期"),
    ("pledged_on", "2099-01-01", "还没有到"), ("area", "441422000000", "不在您办理资金的区域内"),
    ("area", "没有的村", "没有这个区域"), ("source", "province", "有效的选项"), ("payer_name", " ", "必填")])
def test_what_is_wrong_with_a_promise_stands_at_its_field(clerk, field, value, sentence):
    facts = PROMISE | ({"due_on": "2099-02-01"} if field == "pledged_on" else {}) | {field: value}
    page = clerk.post("/funds/pledges/new/", facts)

    assert page.status_code == 422
    assert sentence in error_at(page, field)
    assert not Pledge.objects.exists()


def error_at(page, field: str) -> str:
    """What stands right under a field."""
    found = re.search(rf'id="id_{field}_error"[^>]*>(.*?)</div>', page.content.decode(), re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


def test_a_second_click_takes_a_promise_down_once(clerk, promise):
    again = clerk.post("/funds/pledges/new/", PROMISE)
    assert again["Location"] == f"/funds/pledges/{promise.pk}/"
    assert "没有重复登记" in told(again)
    Pledge.objects.update(recorded_at="2017-05-01T00:00Z")
    page = clerk.post("/funds/pledges/new/", PROMISE)
    assert "已经登记" in error_at(page, "payer_name")
    assert Pledge.objects.count() == 1


def test_a_correction_needs_a_reason_and_stands_in_the_trail(clerk, promise):
    form = clerk.get(f"/funds/pledges/{promise.pk}/edit/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', form)[1]
    changed = PROMISE | {"due_on": "2017-09-30", "seen": seen}
    assert "必填" in error_at(clerk.post(f"/funds/pledges/{promise.pk}/edit/", changed), "reason")
    clerk.post(f"/funds/pledges/{promise.pk}/edit/", changed | {"reason": "协议另行约定"})

    assert fresh(promise).due_on == day("2017-09-30")
    event = AuditEvent.objects.get(action="更正认筹")
    assert event.detail == {"changed": {"due_on": ["2017-08-31", "2017-09-30"]}, "reason": "协议另行约定"}
    assert "应到账日期：2017-08-31 → 2017-09-30；原因：协议另行约定" in words(clerk.get(f"/funds/pledges/{promise.pk}/"))
    stale = clerk.post(f"/funds/pledges/{promise.pk}/edit/", changed | {"reason": "再改", "amount": "1"})
    assert stale.status_code == 422
    assert "已被更正" in words(stale)
    assert fresh(promise).amount == 150000


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("payer_name", "市商会", "出资单位不能再改"), ("source", "unit", "来源不能再改"), ("area", TOWN, "区域不能再改"),
    ("amount", "80000", "不能少于这个数"), ("pledged_on", "2017-07-02", "不能晚于这一天")])
def test_what_a_document_refers_to_goes_on_fitting(clerk, promise, field, value, sentence):
    clerk.post("/funds/appropriations/new/", BRINGS | {"pledge": promise.pk})
    form = clerk.get(f"/funds/pledges/{promise.pk}/edit/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', form)[1]
    page = clerk.post(f"/funds/pledges/{promise.pk}/edit/", PROMISE | {field: value, "seen": seen, "reason": "登记错误"})

    assert sentence in error_at(page, field)
    assert "捐〔2017〕1号" in error_at(page, field)
    clerk.post(f"/funds/pledges/{promise.pk}/edit/", PROMISE | {"amount": "100000", "seen": seen, "reason": "协议变更"})
    assert fresh(promise).amount == 100000


@pytest.mark.req("R136")
def test_a_document_offers_the_open_promises_of_its_payer_and_must_say_the_same(desk, clerk, promise):
    clerk.post("/funds/pledges/new/", PROMISE | {"payer_name": "兴农公司"})
    offered = words(clerk.get("/funds/pledges/options/", {"source": "society", "payer_name": "县商会", "programme": "MZ2016"}))
    assert "县商会" in offered
    assert "兴农公司" not in offered
    other = clerk.post("/funds/appropriations/new/", BRINGS | {"pledge": promise.pk, "payer_name": "兴农公司"})
    assert "出资单位是“县商会”" in error_at(other, "pledge")
    early = clerk.post("/funds/appropriations/new/", BRINGS | {"pledge": promise.pk, "issued_on": "2017-04-01"})
    assert "早于认筹日期" in error_at(early, "issued_on")
    assert not Appropriation.objects.exists()
    clerk.post("/funds/appropriations/new/", BRINGS | {"pledge": promise.pk, "amount": "150000"})
    desk.approve(Appropriation.objects.get().vouchers.get())
    assert "县商会" not in words(clerk.get("/funds/pledges/options/", {"payer_name": "县商会"}))


def test_a_known_document_number_is_told_at_its_field(clerk):
    clerk.post("/funds/appropriations/new/", DOCUMENT)
    page = clerk.post("/funds/appropriations/new/", DOCUMENT | {"amount": "5"})

    assert "已由财政经办于" in error_at(page, "document_number")
    assert "1,000,000.50 元" in error_at(page, "document_number")
    assert "还没有到" in error_at(clerk.post("/funds/appropriations/new/", DOCUMENT | {"line": "2", "issued_on": "2099-01-01"}),
                               "issued_on")
    assert "早于指标文" in error_at(clerk.post("/funds/appropriations/new/", DOCUMENT | {"line": "2", "on": "2017-02-01"}), "on")


def test_who_only_reads_money_takes_no_promise_down(desk, client_of, promise):
    reader = client_of("auditor", COUNTY)
    assert "县商会" in words(reader.get("/funds/pledges/"))
    assert "登记认筹" not in words(reader.get("/funds/pledges/"))
    assert reader.post("/funds/pledges/new/", PROMISE).status_code == 403
    assert reader.post(f"/funds/pledges/{promise.pk}/edit/", PROMISE).status_code == 403


def test_what_is_promised_to_a_village_may_come_in_at_the_county(desk, clerk):
    clerk.post("/funds/pledges/new/", PROMISE | {"area": VILLAGE})
    promise = Pledge.objects.get()
    clerk.post("/funds/appropriations/new/", BRINGS | {"pledge": promise.pk})
    desk.approve(Appropriation.objects.get().vouchers.get())
    assert "90,000.00" in words(clerk.get("/funds/pledges/", {"area": VILLAGE}))
    away = clerk.post("/funds/appropriations/new/", BRINGS | {"pledge": promise.pk, "area": "441424103000", "line": "2"})
    assert "收入单位应在该地或其上级" in error_at(away, "pledge")

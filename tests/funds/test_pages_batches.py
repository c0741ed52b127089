"""Payments to households through the pages: list, checks, approval, payment, the bank's file; every step once."""
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from funds.models import Movement, PaymentBatch
from office.money import grouped
from tests.factories import VILLAGE, make_household
from tests.funds.conftest import COUNTY, TOWN, USES, fresh
from tests.funds.pages import bank_file, browser, households, listed, paid, told, words

pytestmark = pytest.mark.django_db
OTHER_TOWN, OTHER_VILLAGE = "441424103000", "441424103001"


@pytest.fixture
def clerk(desk):
    return browser(desk.clerk)


@pytest.fixture
def chief(desk):
    return browser(desk.chief)


@pytest.fixture
def account(desk):
    return desk.appropriation("100000")


def asked(paying, **facts) -> dict:
    return {"account": paying.pk, "area": TOWN, "item": "产业奖补", "year": "2017", "unit": "household", "standard": "800",
            "use": USES[0], "purpose": "subsidy", "investment": "", "basis": "县扶贫办〔2017〕3号"} | facts


def upload(batch, content: bytes, name="回盘.csv") -> dict:
    return {"file": SimpleUploadedFile(name, content), "on": "2017-06-09"}


@pytest.mark.req("R139", "R145")
def test_from_the_register_to_the_bank_and_back(desk, clerk, chief, account, django_capture_on_commit_callbacks):
    households(1, 2, 3)
    make_household(VILLAGE, 2017, serial=4, head_name="陈死亡户", bank_card="62284800000000999",
                   members=({"status": "decreased"},))
    with django_capture_on_commit_callbacks(execute=True):
        clerk.post("/funds/batches/new/", asked(account))
    batch = PaymentBatch.objects.get()
    page = clerk.get(f"/funds/batches/{batch.pk}/")
    assert (batch.state, batch.lines_count, batch.total) == ("checked", 3, 2400)
    assert "列入发放 3" in words(page)

    answer = chief.get(f"/funds/batches/{batch.pk}/")
    assert "3 笔，合计 2,400.00 元" in words(answer)
    assert "重新核对过" in told(chief.post(f"/funds/batches/{batch.pk}/approve/", {"lines": "9", "total": "1"}))
    for _ in range(2):
        chief.post(f"/funds/batches/{batch.pk}/approve/", {"lines": "3", "total": "2400.00"})
    assert fresh(batch).state == "approved"

    with django_capture_on_commit_callbacks(execute=True):
        clerk.post(f"/funds/batches/{batch.pk}/pay/", {"on": f"{fresh(batch).approved_on}"})
    again = clerk.post(f"/funds/batches/{batch.pk}/pay/", {"on": f"{fresh(batch).approved_on}"})
    assert "没有重复发放" in told(again)
    assert Movement.objects.filter(kind="household_payment").count() == 3
    assert fresh(account).balance == 97600

    file = bank_file(batch, failed=(2,))
    taken = clerk.post(f"/funds/batches/{batch.pk}/return/", upload(batch, file) | {"on": f"{fresh(batch).approved_on}"})
    assert "成功 2 笔，失败 1 笔" in told(taken)
    assert fresh(account).balance == 98400
    twice = clerk.post(f"/funds/batches/{batch.pk}/return/", upload(batch, file) | {"on": f"{fresh(batch).approved_on}"})
    assert "不能重复上传" in told(twice)
    assert fresh(account).balance == 98400
    clerk.post(f"/funds/batches/{batch.pk}/close/")

    text = words(clerk.get(f"/funds/batches/{batch.pk}/"))
    assert fresh(batch).state == "closed"
    assert "户名不符" in text
    for step, person in (("编制发放批次", "财政经办"), ("核对发放批次", "财政经办"), ("批准发放批次", "扶贫办复核"),
                         ("发放到户", "财政经办"), ("银行回盘", "财政经办"), ("归档发放批次", "财政经办")):
        assert f"{step} {person}" in text
    assert "银行退回" in words(clerk.get(f"/households/{VILLAGE}0002/"))


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("standard", "800.001", "小数超过两位"), ("standard", "0", "金额必须大于零"), ("use", "办公经费", "不在指标文"),
    ("item", "", "必填"), ("account", "999", "选择一个有效的选项")])
def test_what_is_wrong_with_a_batch_is_said(clerk, account, field, value, sentence):
    page = clerk.post("/funds/batches/new/", asked(account, **{field: value}))

    assert page.status_code == 422
    assert sentence in words(page)
    assert not PaymentBatch.objects.exists()


def test_a_second_click_makes_one_batch(clerk, account):
    first, second = (clerk.post("/funds/batches/new/", asked(account)) for _ in range(2))

    assert first["Location"] == second["Location"]
    assert PaymentBatch.objects.count() == 1


def test_why_somebody_is_not_paid_is_said_in_words(desk, clerk, account):
    households(1, 2)
    paid(desk, account)
    make_household(VILLAGE, 2017, serial=9, head_name="陈9户", members=({},))
    batch = listed(desk, account, item="产业奖补", area=TOWN)
    text = words(clerk.get(f"/funds/batches/{batch.pk}/?lines=findings"))

    assert "同一事项本年已列入其他批次" in text
    assert "未登记一卡通账号" in text
    assert (batch.lines_count, batch.total) == (0, 0)


def test_an_empty_list_and_an_account_too_small_are_said_before_anybody_approves(desk, clerk, account):
    empty = listed(desk, account)
    assert "2017年的在册户，名单是空的" in words(clerk.get(f"/funds/batches/{empty.pk}/"))
    households(1)
    large = listed(desk, account, item="大额奖补", standard="1000000")

    assert f"不足发放 {grouped(large.total)} 元" in words(clerk.get(f"/funds/batches/{large.pk}/"))


@pytest.mark.req("R144")
def test_the_recorder_never_approves(desk, clerk, account):
    households(1)
    batch = listed(desk, account)

    assert "data-dialog-open=\"approve\"" not in clerk.get(f"/funds/batches/{batch.pk}/").content.decode()
    assert clerk.post(f"/funds/batches/{batch.pk}/approve/", {"lines": "1", "total": "800.00"}).status_code == 403


@pytest.mark.parametrize(("content", "sentence"), [
    (b"", "空的"), (b"\x00\x01\x02", "已损坏"), ("批次号,序号\n1,2\n".encode(), "表头"), (b"PK\x03\x04broken", "")])
def test_a_bad_bank_file_is_refused_whole(desk, clerk, account, content, sentence):
    households(1)
    batch = paid(desk, account)
    answer = clerk.post(f"/funds/batches/{batch.pk}/return/", upload(batch, content))

    assert sentence in told(answer)
    assert told(answer)
    assert fresh(batch).state == "paid"
    assert not batch.lines.exclude(result="").exists()


def test_another_file_type_is_refused(desk, clerk, account):
    households(1)
    batch = paid(desk, account)

    assert "只能上传" in told(clerk.post(f"/funds/batches/{batch.pk}/return/", upload(batch, b"x", "回盘.pdf")))
    assert "必填" in told(clerk.post(f"/funds/batches/{batch.pk}/return/", {"on": "2017-06-09"}))


@pytest.mark.req("R142")
def test_of_a_wider_batch_a_clerk_sees_the_own_township(desk, account, officer):
    households(1, 2)
    households(1, village=OTHER_VILLAGE)
    batch = paid(desk, account, area=COUNTY)
    own, other = browser(officer("town_clerk", TOWN)), browser(officer("town_clerk", OTHER_TOWN))

    assert "2,400.00" in words(browser(desk.clerk).get("/funds/batches/"))
    assert "1,600.00" in words(own.get("/funds/batches/"))
    assert "2,400.00" not in words(own.get("/funds/batches/"))
    page = words(own.get(f"/funds/batches/{batch.pk}/"))
    assert f"{VILLAGE}0001" in page
    assert f"{OTHER_VILLAGE}0001" not in page
    assert "2,400.00" not in page
    assert "800.00" in words(other.get(f"/funds/batches/{batch.pk}/"))


def test_a_list_shows_no_whole_account_number(desk, clerk, account):
    households(1)
    batch = listed(desk, account)
    page = clerk.get(f"/funds/batches/{batch.pk}/").content.decode()

    assert not re.search(r"\d{17,}", page.replace(f"{VILLAGE}0001", ""))


def test_a_list_that_is_set_aside_frees_its_people(desk, clerk, account):
    households(1)
    batch = listed(desk, account)
    clerk.post(f"/funds/batches/{batch.pk}/discard/")

    assert fresh(batch).state == "discarded"
    assert listed(desk, account).lines_count == 1

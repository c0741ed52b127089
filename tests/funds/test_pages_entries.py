"""Entering documents and movements, deciding on vouchers: sentences for what is wrong, nothing half done, nothing twice."""
import pytest

from funds.models import Account, Appropriation, Movement, Voucher
from funds.views.entries import STEPS
from office.models import AuditEvent
from tests.factories import VILLAGE
from tests.funds.conftest import COUNTY, TOWN, USES, fresh
from tests.funds.pages import browser, told, words

pytestmark = pytest.mark.django_db
DOCUMENT = {
    "document_number": "粤财农〔2017〕8号", "line": "1", "title": "省级专项", "programme": "MZ2016", "area": COUNTY,
    "source": "province", "payer_name": "省财政厅", "issued_on": "2017-03-01", "on": "", "year": "", "amount": "1,000,000.50",
    "subject_code": "2130504", "economic_code": "", "uses": "产业扶持\n扶持就业、资产收益扶持", "special_line": "", "pledge": "",
    "note": ""}
CHOICE = "选择一个有效的选项"
STEP = {"on": "2017-04-01", "number": "", "note": ""}


@pytest.fixture
def clerk(desk):
    return browser(desk.clerk)


@pytest.fixture
def chief(desk):
    return browser(desk.chief)


@pytest.mark.req("R132", "R136", "R139")
def test_a_document_is_entered_approved_by_another_person_and_comes_in(desk, clerk, chief):
    page = clerk.post("/funds/appropriations/new/", DOCUMENT, follow=True)
    voucher = Voucher.objects.get()
    assert "须由另一人复核" in words(page)
    assert [use.name for use in voucher.appropriation.uses.all()] == ["产业扶持", "扶持就业", "资产收益扶持"]
    assert not Movement.objects.exists()

    assert "待复核入账" in words(clerk.get("/funds/appropriations/"))
    answer = chief.get(f"/funds/vouchers/{voucher.pk}/")
    assert "0.00 元 + 1,000,000.50 元 = 1,000,000.50 元" in words(answer)
    posted = chief.post(f"/funds/vouchers/{voucher.pk}/approve/")

    assert posted["Location"] == "/funds/movements/1/"
    assert "1,000,000.50" in told(posted)
    assert fresh(voucher.to_account).balance == voucher.amount
    assert AuditEvent.objects.filter(action="复核入账", officer=desk.chief).exists()


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("amount", "100.123", "小数超过两位"), ("amount", "-5", "金额必须大于零"), ("amount", "十万", "不是金额"),
    ("amount", "", "必填"), ("issued_on", "2017-13-01", "输入一个有效的日期"), ("uses", " \n ", ""),
    ("subject_code", "农业", "功能科目是3至7位数字"), ("on", "2017-02-01", "早于指标文"), ("on", "2099-01-01", "还没有到"),
    ("area", "441422000000", "")])
def test_what_is_wrong_with_a_document_is_said_and_nothing_is_kept(clerk, desk, field, value, sentence):
    page = clerk.post("/funds/appropriations/new/", DOCUMENT | {field: value})

    assert page.status_code == 422
    assert sentence in words(page)
    assert "粤财农〔2017〕8号" in page.content.decode()
    assert not Appropriation.objects.exists()
    assert not Voucher.objects.exists()


def test_a_second_click_enters_a_document_once_and_the_same_document_again_is_refused(clerk, desk):
    first = clerk.post("/funds/appropriations/new/", DOCUMENT)
    second = clerk.post("/funds/appropriations/new/", DOCUMENT)
    assert first["Location"] == second["Location"]
    assert Appropriation.objects.count() == 1

    page = clerk.post("/funds/appropriations/new/", DOCUMENT | {"amount": "5"})
    assert page.status_code == 422
    assert Appropriation.objects.count() == 1


@pytest.mark.req("R139", "R145")
def test_split_down_bound_and_paid_through_the_pages(desk, clerk, chief):
    county = desk.appropriation("1000")
    page = clerk.post(f"/funds/accounts/{county.pk}/transfer/", STEP | {
        "on": "2017-03-10", f"part_{TOWN}": "600.50", "part_441424103000": "100"})
    assert page["Location"] == "/funds/vouchers/"
    assert "2 张凭证，合计 700.50 元" in told(page)

    numbers = list(Voucher.objects.filter(state="draft").values_list("pk", flat=True))
    asked = chief.post("/funds/vouchers/approve/", {"voucher": numbers})
    assert "1,000.00 元 − 700.50 元 = 299.50 元" in words(asked)
    assert not Movement.objects.filter(kind="transfer").exists()
    done = chief.post("/funds/vouchers/approve/", {"voucher": numbers, "confirmed": "yes"})
    assert "已入账 2 张凭证" in told(done)

    town = Account.objects.get(area_id=TOWN, kind="budget")
    project = desk.project()
    clerk.post(f"/funds/accounts/{town.pk}/commit/", STEP | {"project": project.pk, "amount": "500"})
    desk.approve(Voucher.objects.get(kind="commitment"))
    bound = Account.objects.get(kind="project")
    clerk.post(f"/funds/accounts/{bound.pk}/pay/", STEP | {
        "on": "2017-05-01", "stage": "advance", "amount": "200", "payee": "兴农合作社", "payee_account": "6228481234567890",
        "network_number": "SN-1"})
    paid = desk.approve(Voucher.objects.get(kind="payment"))

    assert (paid.amount, paid.payee_account, paid.network_number) == (200, "7890", "SN-1")
    sheet = words(clerk.get(f"/funds/projects/{project.pk}/"))
    assert "预付款 200.00 元 40.0%" in sheet
    assert "兴农合作社" in sheet
    assert "200.00" in words(clerk.get(f"/funds/villages/{VILLAGE}/"))


@pytest.mark.parametrize(("step", "facts", "sentence"), [
    ("transfer", {f"part_{TOWN}": "1000.01"}, "余额不足"), ("transfer", {}, "请至少填写一个地区的金额"),
    ("transfer", {f"part_{TOWN}": "1.005"}, "小数超过两位"),
    ("transfer", {f"part_{TOWN}": "10", "on": "2017-02-01"}, "下达日期"),
    ("commit", {"amount": "2000", "project": "own"}, "余额不足"), ("commit", {"amount": "10", "project": "other"}, CHOICE),
    ("commit", {"amount": "10", "project": "outside"}, CHOICE),
    ("refund", {"amount": "2000", "to_account": "source"}, "余额不足"),
    ("carry-over", {"amount": "2000"}, "余额不足")])
def test_a_movement_that_may_not_be_is_refused_with_its_rule(desk, clerk, step, facts, sentence):
    county = desk.appropriation("1000")
    chosen = {"own": desk.project().pk, "other": desk.project("XM9", use="办公经费").pk,
              "outside": desk.project("XM8", entered_on=None).pk, "source": Account.objects.get(kind="source").pk}
    facts = {name: chosen.get(value, value) for name, value in facts.items()}
    page = clerk.post(f"/funds/accounts/{county.pk}/{step}/", STEP | facts)

    assert page.status_code == 422
    assert sentence in words(page)
    assert not Voucher.objects.filter(state="draft").exists()


def test_a_second_click_records_a_step_once(desk, clerk):
    county = desk.appropriation("1000")
    for _ in range(2):
        clerk.post(f"/funds/accounts/{county.pk}/transfer/", STEP | {f"part_{TOWN}": "10", "part_441424103000": "20"})
    assert Voucher.objects.filter(state="draft").count() == 2
    clerk.post(f"/funds/accounts/{county.pk}/transfer/", STEP | {f"part_{TOWN}": "11"})
    assert Voucher.objects.filter(state="draft").count() == 3


def test_equal_amounts_one_after_the_other_are_a_second_click_only_when_all_else_is_equal_too(desk, clerk):
    county = desk.appropriation("1000")
    one, other = desk.project(), desk.project("XM9")
    bound = desk.commit(county, one, "300")
    for step, account, facts in (
            ("transfer", county, ({f"part_{TOWN}": "10"}, {"part_441424103000": "10"})),
            ("commit", county, ({"amount": "10", "project": one.pk}, {"amount": "10", "project": other.pk})),
            ("pay", bound, ({"amount": "10", "payee": "甲公司", "stage": "advance"},
                            {"amount": "10", "payee": "甲公司", "stage": "progress"},
                            {"amount": "10", "payee": "乙公司", "stage": "progress"}))):
        for one_of in facts:
            for _ in range(2):
                clerk.post(f"/funds/accounts/{account.pk}/{step}/", STEP | one_of)
        assert Voucher.objects.filter(state="draft", kind=STEPS[step][1]).count() == len(facts), step


def test_money_comes_back_and_is_carried_over(desk, clerk):
    county = desk.appropriation("1000")
    bound = desk.commit(county, desk.project(), "100")
    clerk.post(f"/funds/accounts/{bound.pk}/refund/", STEP | {"to_account": county.pk, "amount": "30"})
    desk.approve(Voucher.objects.get(kind="refund"))
    clerk.post(f"/funds/accounts/{county.pk}/carry-over/", STEP | {"on": "2017-12-31", "amount": ""})
    desk.approve(Voucher.objects.get(kind="carry_over"))

    assert fresh(bound).balance == 70
    assert fresh(county).balance == 0
    assert Account.objects.get(kind="budget", year=2018).balance == 930


@pytest.mark.req("R144")
def test_nobody_approves_an_own_voucher_and_a_clerk_of_finance_none(desk, clerk, chief):
    draft = desk.transfer(desk.appropriation("1000"), "10")
    assert "data-dialog-open=\"approve\"" not in clerk.get(f"/funds/vouchers/{draft.pk}/").content.decode()
    assert clerk.post(f"/funds/vouchers/{draft.pk}/approve/").status_code == 403
    Voucher.objects.filter(pk=draft.pk).update(recorded_by=desk.chief)

    answer = chief.post(f"/funds/vouchers/{draft.pk}/approve/")

    assert "另一人复核" in told(answer)
    assert fresh(draft).state == "draft"


def test_approving_twice_posts_once(desk, chief):
    draft = desk.transfer(desk.appropriation("1000"), "10")
    first, second = (chief.post(f"/funds/vouchers/{draft.pk}/approve/") for _ in range(2))

    assert first["Location"] == second["Location"]
    assert Movement.objects.filter(kind="transfer").count() == 1


def test_several_are_posted_together_or_not_at_all(desk, chief):
    county = desk.appropriation("100")
    drafts = [desk.transfer(county, "60"), desk.transfer(county, "60")]
    answer = chief.post("/funds/vouchers/approve/", {"voucher": [one.pk for one in drafts], "confirmed": "yes"})

    assert "全部没有入账" in told(answer)
    assert "余额不足" in told(answer)
    assert {fresh(one).state for one in drafts} == {"draft"}
    assert fresh(county).balance == 100
    assert "没有选择凭证" in told(chief.post("/funds/vouchers/approve/", {}))


def test_sending_back_needs_a_reason_and_the_recorder_may_withdraw(desk, clerk, chief):
    county = desk.appropriation("100")
    back, own = desk.transfer(county, "10"), desk.transfer(county, "20")

    assert "请写明退回原因" in told(chief.post(f"/funds/vouchers/{back.pk}/refuse/", {"reason": " "}))
    chief.post(f"/funds/vouchers/{back.pk}/refuse/", {"reason": "收款镇写错"})
    clerk.post(f"/funds/vouchers/{own.pk}/withdraw/")

    assert (fresh(back).state, fresh(own).state) == ("refused", "withdrawn")
    assert "收款镇写错" in words(clerk.get(f"/funds/vouchers/{back.pk}/"))
    assert "不能再复核" in told(chief.post(f"/funds/vouchers/{own.pk}/approve/"))


def test_a_movement_is_reversed_by_a_voucher_and_both_pages_say_so(desk, clerk):
    county = desk.appropriation("100")
    moved = desk.approve(desk.transfer(county, "60"))
    assert clerk.post(f"/funds/movements/{moved.pk}/reverse/", {"on": "2017-03-11", "reason": "  "}).status_code == 422
    for _ in range(2):
        clerk.post(f"/funds/movements/{moved.pk}/reverse/", {"on": "2017-03-11", "reason": "镇名登记错误"})
    [draft] = Voucher.objects.filter(kind="reversal")
    reversal = desk.approve(draft)

    assert "本笔已冲正。 看冲正流水" in words(clerk.get(f"/funds/movements/{moved.pk}/"))
    assert "镇名登记错误" in words(clerk.get(f"/funds/movements/{reversal.pk}/"))
    page = clerk.post(f"/funds/movements/{moved.pk}/reverse/", {"on": "2017-03-12", "reason": "再冲一次"})
    assert page.status_code == 422
    assert "不能重复冲正" in words(page)
    assert fresh(county).balance == 100


@pytest.mark.req("R150")
def test_money_not_passed_on_in_time_is_flagged_with_the_rule(desk, clerk):
    account = desk.appropriation("1000")
    desk.approve(desk.transfer(account, "100", on="2017-03-20"))
    desk.approve(desk.transfer(account, "100", on="2017-05-20"))

    page = words(clerk.get(f"/funds/appropriations/{account.appropriation_id}/"))

    assert "超期未分解" in page
    assert "应在 2017-03-31 前分解下达" in page
    assert "800.00" in page
    assert "按期" in page
    assert "超期" in page.replace("超期未分解", "")
    assert "粤财农〔2017〕1号" in words(clerk.get("/funds/appropriations/", {"flag": "late"}))
    desk.approve(desk.transfer(fresh(account), "800", on="2017-06-01"))
    assert "没有指标文" in words(clerk.get("/funds/appropriations/", {"flag": "late"}))


def test_uses_of_a_document_are_shown(desk, clerk):
    account = desk.appropriation("1000")
    page = words(clerk.get(f"/funds/appropriations/{account.appropriation_id}/"))

    assert all(use in page for use in USES)


@pytest.mark.parametrize(("field", "typed", "sentence"), [
    ("subject_code", "２１３０５", "3至7位数字"), ("economic_code", "３０４９９", "3至5位数字"),
    pytest.param("uses", "长" * 61, "超过 60 个字", id="long use"),
    ("issued_on", "0001-01-01", "请核对年份"), ("issued_on", "1917-03-01", "请核对年份"), ("issued_on", "2017-02-30", "日期")])
def test_a_document_typed_badly_says_what_is_wrong(clerk, field, typed, sentence):
    page = clerk.post("/funds/appropriations/new/", DOCUMENT | {field: typed})
    assert page.status_code == 422
    assert sentence in words(page)
    assert not Appropriation.objects.exists()


@pytest.mark.parametrize("code", ["%00", "441424%00", "４４１４２４００００００", "x"])
@pytest.mark.parametrize("address", ["/funds/", "/funds/due/", "/funds/movements/", "/funds/accounts/", "/funds/appropriations/"])
def test_an_address_with_a_strange_area_is_not_found(clerk, address, code):
    assert clerk.get(f"{address}?area={code}").status_code == 404


@pytest.mark.req("R132", "R144")
@pytest.mark.parametrize("way", ["refuse", "withdraw"])
def test_a_document_sent_back_is_entered_again_under_its_number(desk, clerk, chief, way):
    clerk.post("/funds/appropriations/new/", DOCUMENT)
    first = Voucher.objects.get()
    (chief if way == "refuse" else clerk).post(f"/funds/vouchers/{first.pk}/{way}/", {"reason": "金额有误"})
    page = words(clerk.get(f"/funds/vouchers/{first.pk}/"))
    assert "改正后用同一文号重新登记" in page
    assert "已退回，没有入账" in words(clerk.get(f"/funds/appropriations/{first.appropriation_id}/"))

    clerk.post("/funds/appropriations/new/", DOCUMENT | {"amount": "900000", "uses": "扶持就业"})
    second = Voucher.objects.latest("pk")
    document = Appropriation.objects.get()
    assert (second.pk != first.pk, second.amount, document.amount) == (True, 900000, 900000)
    assert [use.name for use in document.uses.all()] == ["扶持就业"]
    chief.post(f"/funds/vouchers/{second.pk}/approve/")
    assert fresh(second.to_account).balance == 900000
    assert "不能登记两次" in words(clerk.post("/funds/appropriations/new/", DOCUMENT | {"amount": "1"}))
    assert Movement.objects.count() == 1


def test_what_is_too_much_to_approve_at_once_is_said(desk, monkeypatch):
    county = desk.appropriation("1000")
    drafts = [desk.transfer(county, f"{number}") for number in (1, 2, 3)]
    monkeypatch.setattr("funds.views.vouchers.VOUCHERS_AT_ONCE", 2)

    page = browser(desk.chief).post("/funds/vouchers/approve/", {"voucher": [draft.pk for draft in drafts]})

    assert "复核 2 张凭证" in words(page)
    assert "其余 1 张留在列表中" in words(page)


@pytest.mark.req("R132")
def test_the_approver_sees_for_what_a_documents_money_is_and_what_the_policy_does_not_name(desk):
    browser(desk.clerk).post("/funds/appropriations/new/", DOCUMENT | {"uses": "发展特色产业\n修办公楼"})
    text = words(browser(desk.chief).get(f"/funds/vouchers/{Voucher.objects.get().pk}/"))
    assert "科目 2130504 允许用途 发展特色产业 修办公楼 政策文件未列" in text

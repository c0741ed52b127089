"""Payments to households: the list from the register, its checks, the payment, the bank's answer; nobody is paid twice."""
import csv
from decimal import Decimal

import pytest
import xlsxwriter
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction

from funds import accounts, chain, ledger, payment_lists, payments
from funds.ledger import Refused
from funds.models import BankReturn, BatchLine, Movement, PaymentBatch
from funds.payment_lists import Entitled
from households.models import MemberYear
from office.models import Area
from tests.factories import VILLAGE, make_household
from tests.funds.conftest import COUNTY, TOWN, USES, day, fresh

pytestmark = pytest.mark.django_db
CARD = "62170030000000{:05d}"


def household(serial: int, *members, year=2017, card=True, **facts):
    facts = {"bank_name": "农村信用社", "bank_card": CARD.format(serial) if card else "", "head_name": f"陈{serial}户"} | facts
    return make_household(serial=serial, year=year, members=members or ({},), **facts)


@pytest.fixture
def account(desk):
    return desk.appropriation("100000")


@pytest.fixture
def make(desk, account):
    def make(item="产业奖补", *, unit="household", standard="1000", entitled=None, **facts) -> PaymentBatch:
        batch = payment_lists.create(desk.clerk, account=account, area=Area.objects.get(pk=TOWN), item=item, year=2017,
                                     unit=unit, standard=standard, use=USES[0], **facts)
        payment_lists.fill(batch, entitled)
        return fresh(batch)
    return make


@pytest.fixture
def paid(make, desk):
    def paid(**facts) -> PaymentBatch:
        batch = make(**facts)
        payment_lists.check(batch, desk.clerk)
        payment_lists.approve(batch, desk.chief, on=day("2017-04-01"))
        payments.pay(batch, desk.clerk, on=day("2017-04-05"))
        return fresh(batch)
    return paid


def findings(batch) -> dict[str, list[str]]:
    return {line.member_id or line.household_id: line.findings for line in batch.lines.all() if line.findings}


@pytest.mark.req("R139", "R145")
def test_from_the_register_to_the_cards(make, desk, account):
    for serial in (1, 2, 3):
        household(serial)
    batch = make()
    assert [(line.household_id, line.amount, line.card_tail, line.live) for line in batch.lines.all()] == [
        (f"{VILLAGE}000{serial}", 1000, f"000{serial}", False) for serial in (1, 2, 3)]
    assert not payment_lists.check(batch, desk.clerk)
    batch = payment_lists.approve(batch, desk.chief, on=day("2017-04-01"))
    assert (batch.state, batch.lines_count, batch.total) == ("approved", 3, 3000)
    assert payments.pay(batch, desk.clerk, on=day("2017-04-05")) == 3
    rows = Movement.objects.filter(batch=batch)
    assert {(row.household_id, row.amount, row.area_id, row.use, row.recorded_by, row.approved_by) for row in rows} == {
        (f"{VILLAGE}000{serial}", Decimal(1000), VILLAGE, USES[0], desk.clerk, desk.chief) for serial in (1, 2, 3)}
    assert (fresh(account).balance, fresh(batch).state, fresh(batch).paid_on) == (97000, "paid", day("2017-04-05"))
    assert (chain.verify().ok, chain.verify_balances().ok) == (True, True)


def test_every_step_may_be_repeated(paid, desk, account):
    household(1)
    batch = paid()
    assert payments.pay(batch, desk.clerk) == 0
    assert payment_lists.approve(batch, desk.chief).state == "paid"
    with pytest.raises(Refused, match="不能再改动"):
        payment_lists.fill(batch)
    assert (Movement.objects.filter(batch=batch).count(), fresh(account).balance) == (1, 99000)


def test_persons_are_counted_one_by_one(make, desk):
    household(1, {}, {"name": "陈小明"}, {"name": "陈小红", "status": "removed"})
    batch = make(unit="person", standard="300")
    assert not payment_lists.check(batch, desk.clerk)
    assert [(line.member_id, line.beneficiary, line.holder) for line in batch.lines.all()] == [
        (f"{VILLAGE}000101", "陈1户", "陈1户"), (f"{VILLAGE}000102", "陈小明", "陈1户")]


def test_what_stands_against_a_payment(make, desk):
    household(1, {"status": "decreased"}, {"name": "陈小明", "relationship": "spouse"})
    household(2, {"status": "removed"})
    household(3, {"status": "decreased"})
    household(4, card=False)
    household(5)
    household(6, bank_card=CARD.format(5))
    household(7)
    household(8)
    household(9, year=2016)
    whole = [Entitled(f"{VILLAGE}000{serial}") for serial in range(1, 10)]
    whole[6] = Entitled(whole[6].no, amount=Decimal("1000.01"))
    batch = make(entitled=[*whole, Entitled(whole[7].no)])
    counts = payment_lists.check(batch, desk.clerk)
    no = f"{VILLAGE}000"
    assert findings(batch) == {
        f"{no}1": ["holder"], f"{no}2": ["removed"], f"{no}3": ["decreased"], f"{no}4": ["no_card"],
        f"{no}5": ["shared_card"], f"{no}6": ["shared_card"], f"{no}7": ["above_standard"], f"{no}8": ["duplicate_person"],
        f"{no}9": ["not_registered", "no_card"]}
    assert (sum(counts.values()), fresh(batch).lines_count) == (10, 1)
    assert batch.lines.get(live=True).position == 8


def test_a_removed_person_is_not_paid_even_by_a_later_word_of_the_register(make, desk):
    row = household(1)
    later = household(1, {"status": "removed"}, year=2018)
    assert later.household_id == row.household_id
    batch = make(entitled=[Entitled(row.household_id)])
    payment_lists.check(batch, desk.clerk)
    assert findings(batch) == {row.household_id: ["removed"]}


def test_the_same_item_is_paid_once_a_year(make, paid, desk):
    household(1)
    household(2)
    paid(entitled=[Entitled(f"{VILLAGE}0001")])
    batch = make()
    payment_lists.check(batch, desk.clerk)
    assert findings(batch) == {f"{VILLAGE}0001": ["same_item"]}
    other = make(item="助学补助")
    assert not payment_lists.check(other, desk.clerk)
    with pytest.raises(IntegrityError), transaction.atomic():
        batch.lines.update(live=True)


def test_two_lists_checked_at_once_cannot_both_hold_a_household(make, desk, monkeypatch):
    household(1)
    first, second = make(), make()
    payment_lists.check(first, desk.clerk)
    monkeypatch.setattr(payment_lists, "_findings", lambda batch, lines: {})
    with pytest.raises(Refused, match="另一批次"):
        payment_lists.check(second, desk.clerk)
    payment_lists.discard(first, desk.clerk)
    assert not payment_lists.check(second, desk.clerk)


def test_an_unknown_number_is_a_mistake(make):
    household(1)
    with pytest.raises(Refused, match="没有编号 4414241340019999"):
        make(entitled=[Entitled("4414241340019999")])


@pytest.mark.req("R142")
def test_who_may_take_which_step(make, desk, officer):
    household(1)
    batch = make()
    with pytest.raises(Refused, match="请先核对"):
        payment_lists.approve(batch, desk.chief)
    payment_lists.check(batch, desk.clerk)
    with pytest.raises(PermissionDenied):
        payment_lists.approve(batch, desk.clerk)
    with pytest.raises(PermissionDenied):
        payment_lists.check(batch, officer("auditor", COUNTY))
    with pytest.raises(Refused, match="批准后才能发放"):
        payments.pay(batch, desk.clerk)
    PaymentBatch.objects.filter(pk=batch.pk).update(recorded_by=desk.chief)
    with pytest.raises(Refused, match="另一人批准"):
        payment_lists.approve(batch, desk.chief)


def test_more_than_the_account_holds_is_not_approved(make, desk):
    household(1)
    batch = make(standard="100000.01")
    payment_lists.check(batch, desk.clerk)
    with pytest.raises(Refused, match="不足发放"):
        payment_lists.approve(batch, desk.chief)


@pytest.fixture
def approved(make, desk):
    for serial in (1, 2):
        household(serial)
    batch = make()
    payment_lists.check(batch, desk.clerk)
    return payment_lists.approve(batch, desk.chief, on=day("2017-04-01"))


@pytest.mark.parametrize("sql", [
    "UPDATE funds_batchline SET amount = 1", "DELETE FROM funds_batchline", "UPDATE funds_paymentbatch SET state = 'draft'",
    "UPDATE funds_paymentbatch SET total = 1", "DELETE FROM funds_paymentbatch",
    "UPDATE funds_batchline SET household_id = '{other}' WHERE position = 1",
    "INSERT INTO funds_batchline (batch_id, position, household_id, item, year, head_name, beneficiary, holder, bank_name, card,"
    " card_tail, card_index, standard, quantity, amount, findings, live, result, result_reason) SELECT batch_id, 9, household_id,"
    " 'x', year, '', '', '', '', '', '', '', standard, quantity, amount, findings, live, '', '' FROM funds_batchline",
])
def test_the_database_keeps_an_approved_list_as_it_is(approved, sql):
    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql.format(other=f"{VILLAGE}0002"))


def test_a_list_that_lost_a_line_is_not_paid(approved, desk):
    approved.lines.filter(position=2).update(live=False)
    with pytest.raises(Refused, match="与批准的 2 笔 2,000.00 元不符"):
        payments.pay(approved, desk.clerk)
    assert not Movement.objects.filter(batch=approved).exists()


@pytest.mark.parametrize("change", [
    {"household_id": f"{VILLAGE}0002"}, {"household_id": None}, {"amount": 1}, {"on": "2017-03-31"}, {"use": USES[1]},
    {"batch_line_id": 10 ** 9}, {"from_account_id": 10 ** 9}, {"batch_id": 10 ** 9}, {"kind": "payment"},
])
def test_the_database_pays_nobody_who_is_not_on_the_approved_list(approved, desk, change):
    line = approved.lines.first()
    good = dict(
        on="2017-04-05", kind="household_payment", from_account_id=approved.account_id,
        to_account_id=accounts.cards(approved.appropriation, COUNTY).pk, appropriation_id=approved.appropriation_id,
        document=approved.appropriation.document_number, subject_code="2130599", use=USES[0], area_id=VILLAGE,
        household_id=line.household_id, batch_id=approved.pk, batch_line_id=line.pk, amount=100000, voucher_number="1",
        recorded_by_id=desk.clerk.pk, approved_by_id=desk.chief.pk)
    with pytest.raises(Refused, match="名单|批次|批准|不存在|户|项目"):
        ledger.post([ledger.row(**good | change)])
    ledger.post([ledger.row(**good)])
    with pytest.raises(Refused, match="已经发放"):
        ledger.post([ledger.row(**good)])


def bank_file(path, batch, results, *, order="YH0001", number=None, headings=None):
    headings = headings or ["批次号", "银行流水号", "序号", "金额", "结果", "原因"]
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        for position, result, amount in results:
            writer.writerow([number or batch.number, order, position, amount, result, "" if result == "成功" else "账户已销户"])
    return path


def test_what_the_bank_could_not_pay_comes_back_and_is_paid_in_another_list(paid, make, desk, account, tmp_path):
    for serial in (1, 2):
        household(serial)
    batch = paid()
    file = bank_file(tmp_path / "a.csv", batch, [(1, "成功", "1000.00"), (2, "失败", "1,000")])
    received = payments.match_return(batch, file, desk.clerk, on=day("2017-04-10"))
    assert (received.succeeded, received.failed, received.order_number) == (1, 1, "YH0001")
    assert (fresh(account).balance, fresh(batch).state) == (99000, "reconciled")
    assert list(batch.lines.values_list("result", "result_reason", "live")) == [
        ("success", "", True), ("failed", "账户已销户", False)]
    [refund] = Movement.objects.filter(kind="refund")
    assert (refund.household_id, refund.note, refund.amount) == (f"{VILLAGE}0002", "账户已销户", 1000)
    with pytest.raises(Refused, match="不能重复上传"):
        payments.match_return(batch, file, desk.clerk)
    again = make()
    payment_lists.check(again, desk.clerk)
    assert [line.household_id for line in payment_lists.live_lines(again)] == [f"{VILLAGE}0002"]
    assert payments.close(fresh(batch), desk.clerk).state == "closed"
    assert (chain.verify().ok, chain.verify_balances().ok) == (True, True)


def test_an_excel_file_in_two_parts(paid, desk, tmp_path):
    for serial in (1, 2):
        household(serial)
    batch = paid()
    for part in (1, 2):
        book = xlsxwriter.Workbook(str(tmp_path / f"{part}.xlsx"))
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["发放结果"])
        sheet.write_row(1, 0, ["批次号", "银行流水号", "序号", "金额", "结果"])
        sheet.write_row(2, 0, [batch.number, "YH1", part, 1000, "交易成功"])
        book.close()
        payments.match_return(batch, tmp_path / f"{part}.xlsx", desk.clerk)
        assert fresh(batch).state == ("paid" if part == 1 else "reconciled")


@pytest.mark.parametrize(("results", "options", "sentence"), [
    ([(1, "成功", "999")], {}, "与发放的 1,000.00 元不符"),
    ([(7, "成功", "1000")], {}, "不在批次"),
    ([(1, "成功", "1000")], {"number": "FF2017999999"}, "文件属于批次 FF2017999999"),
    ([(1, "处理中", "1000")], {}, "应为成功或失败"),
    ([(1, "成功", "1000"), (1, "失败", "1000")], {}, "出现两次"),
    ([(1, "成功", "1000.001")], {}, "小数超过两位"),
    ([("甲", "成功", "1000")], {}, "不是整数"),
    ([], {}, "没有发放明细"),
    ([(1, "成功", "1000")], {"headings": ["批次号", "流水号", "序号", "结果"]}, "缺少列：金额"),
    ([(1, "成功", "1000")], {"headings": ["甲", "乙"]}, "找不到表头"),
])
def test_a_file_that_does_not_fit_is_refused_whole(paid, desk, account, tmp_path, results, options, sentence):
    household(1)
    batch = paid()
    with pytest.raises(Refused, match=sentence):
        payments.match_return(batch, bank_file(tmp_path / "a.csv", batch, results, **options), desk.clerk)
    assert (fresh(account).balance, BankReturn.objects.count(), batch.lines.get().result) == (99000, 0, "")


@pytest.mark.parametrize("content", [b"PK\x03\x04broken", b"\xff\xfe\x00\x01", b"\x00" * 50,
                                     "批次号,银行流水号,序号,金额,结果\nFF,1,1".encode()])
def test_a_damaged_file_is_refused_with_a_sentence(paid, desk, tmp_path, content):
    household(1)
    batch = paid()
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(Refused, match="损坏|不完整|表头|无法"):
        payments.match_return(batch, tmp_path / "a.csv", desk.clerk)


def test_a_later_file_may_not_contradict(paid, desk, tmp_path):
    household(1)
    household(2)
    batch = paid()
    payments.match_return(batch, bank_file(tmp_path / "a.csv", batch, [(1, "成功", "1000")]), desk.clerk)
    with pytest.raises(Refused, match="先前已回盘为成功"):
        payments.match_return(batch, bank_file(tmp_path / "b.csv", batch, [(1, "失败", "1000")], order="2"), desk.clerk)


def test_cards_are_not_in_the_ledger_and_encrypted_in_the_list(paid):
    household(1)
    batch = paid()
    with connection.cursor() as cursor:
        cursor.execute("SELECT card FROM funds_batchline")
        [[stored]] = cursor.fetchall()
    assert CARD.format(1) not in stored
    assert BatchLine.objects.get().card == CARD.format(1)
    assert Movement.objects.get(batch=batch).payee_account == "0001"


def test_a_paid_list_is_not_set_aside(paid, desk):
    household(1)
    batch = paid()
    with pytest.raises(Refused, match="已发放"):
        payment_lists.discard(batch, desk.clerk)
    assert batch.lines.filter(live=True).count() == 1


@pytest.mark.req("R145")
@pytest.mark.parametrize("status", ["removed", "decreased"])
@pytest.mark.parametrize("unit", ["household", "person"])
def test_nobody_is_paid_whom_the_register_has_lost_since_the_check(make, desk, unit, status):
    household(1)
    household(2)
    batch = make(unit=unit)
    payment_lists.check(batch, desk.clerk)
    MemberYear.objects.filter(household_year__household_id=f"{VILLAGE}0002").update(status=status)
    with pytest.raises(Refused, match="1 笔的人员已自然减少、清退"):
        payment_lists.approve(batch, desk.chief, on=day("2017-04-01"))
    MemberYear.objects.update(status="normal")
    payment_lists.approve(batch, desk.chief, on=day("2017-04-01"))
    MemberYear.objects.filter(household_year__household_id=f"{VILLAGE}0002").update(status=status)
    with pytest.raises(Refused, match="没有发放"):
        payments.pay(batch, desk.clerk, on=day("2017-04-05"))
    assert not Movement.objects.filter(batch=batch).exists()
    MemberYear.objects.update(status="normal")
    assert payments.pay(batch, desk.clerk, on=day("2017-04-05")) == 2


@pytest.mark.req("R145")
@pytest.mark.parametrize(("first", "second"), [("household", "person"), ("person", "household")])
def test_the_same_item_by_household_and_by_person_is_the_same_item(paid, make, desk, first, second):
    household(1)
    paid(unit=first)
    again = make(unit=second)
    assert payment_lists.check(again, desk.clerk) == {"same_item": 1}
    assert fresh(again).lines_count == 0


def test_nobody_is_paid_and_no_bank_answers_in_the_future(make, desk, tmp_path):
    household(1)
    batch = make()
    payment_lists.check(batch, desk.clerk)
    payment_lists.approve(batch, desk.chief, on=day("2017-04-01"))
    with pytest.raises(Refused, match="还没有到"):
        payments.pay(batch, desk.clerk, on=day("2099-01-01"))
    payments.pay(batch, desk.clerk, on=day("2017-04-05"))
    path = tmp_path / "return.csv"
    path.write_text(f"批次号,银行流水号,序号,金额,结果,原因\n{batch.number},Y1,1,1000,失败,账户不符\n", encoding="utf-8")
    with pytest.raises(Refused, match="还没有到"):
        payments.match_return(batch, path, desk.clerk, on=day("2099-01-01"))
    assert not BankReturn.objects.exists()

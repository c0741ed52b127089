"""What the ledger takes and what it refuses, by its actions and by the database alone."""
import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.db.models import Sum

from funds import accounts, actions, chain, guards, ledger
from funds.ledger import Refused
from funds.models import Account, Appropriation, Movement, PermittedUse, Voucher
from office.models import Area, ChainHead
from tests.factories import VILLAGE
from tests.funds.conftest import COUNTY, TOWN, USES, day, fresh

pytestmark = pytest.mark.django_db


def total() -> Decimal:
    return Account.objects.aggregate(total=Sum("balance"))["total"] or Decimal(0)


@pytest.mark.req("R136", "R139", "R145")
def test_money_goes_from_the_document_to_the_payee(desk):
    county = desk.appropriation("1000000")
    town = Area.objects.get(pk=TOWN)
    desk.approve(actions.record_transfer(desk.clerk, account=county, area=town, amount="400000.50", on=day("2017-03-10")))
    held = accounts.budget(county.appropriation, town)
    bound = desk.commit(held, desk.project(), "300000")
    paid = desk.pay(bound, "120000.25", stage="advance")
    assert [fresh(a).balance for a in (county, held, bound)] == [
        Decimal("599999.50"), Decimal("100000.50"), Decimal("179999.75")]
    assert total() == 0
    assert (paid.document, paid.use, paid.area_id) == ("粤财农〔2017〕1号", USES[0], VILLAGE)
    assert list(Movement.objects.values_list("sequence", flat=True)) == [1, 2, 3, 4]
    assert chain.verify() == chain.ChainReport(4, None)
    assert chain.verify_balances().ok


def test_a_draft_moves_nothing_and_is_approved_once(desk):
    county = desk.appropriation("100")
    voucher = desk.transfer(county, "60")
    assert fresh(county).balance == 100
    first = actions.approve(voucher, desk.chief)
    assert actions.approve(voucher, desk.chief) == first
    assert (fresh(county).balance, Movement.objects.count()) == (40, 2)


def test_recorder_and_approver_are_two_persons(desk, officer):
    county = desk.appropriation("100")
    voucher = desk.transfer(county, "60")
    with pytest.raises(PermissionDenied):
        actions.approve(voucher, desk.clerk)
    with pytest.raises(PermissionDenied):
        actions.approve(voucher, officer("auditor", COUNTY))
    Voucher.objects.filter(pk=voucher.pk).update(recorded_by=desk.chief)
    with pytest.raises(Refused, match="另一人复核"):
        actions.approve(voucher, desk.chief)


@pytest.mark.req("R132", "R139")
def test_refusals_say_rule_and_document(desk):
    county = desk.appropriation("100")
    project = desk.project()
    town = Area.objects.get(pk=TOWN)
    with pytest.raises(Refused, match="小数超过两位"):
        actions.record_transfer(desk.clerk, account=county, area=town, amount="1.005", on=day("2017-03-10"))
    with pytest.raises(Refused, match="早于指标文 粤财农〔2017〕1号 的下达日期 2017-03-01"):
        actions.record_transfer(desk.clerk, account=county, area=town, amount="1", on=day("2017-02-28"))
    with pytest.raises(Refused, match="余额不足"):
        actions.record_transfer(desk.clerk, account=county, area=town, amount="100.01", on=day("2017-03-10"))
    with pytest.raises(Refused, match="用途“办公经费”不在指标文 粤财农〔2017〕1号 允许的范围内"):
        actions.record_commitment(desk.clerk, account=county, project=project, amount="1", on=day("2017-03-10"), use="办公经费")
    with pytest.raises(Refused, match="尚未入库"):
        actions.record_commitment(desk.clerk, account=county, project=desk.project("XM002", entered_on=None), amount="1",
                                  on=day("2017-03-10"))
    with pytest.raises(Refused, match="没有登记"):
        actions.appropriation_of("粤财农〔2017〕99号", TOWN)
    with pytest.raises(Refused, match="还没有到"):
        actions.record_transfer(desk.clerk, account=county, area=town, amount="1",
                                on=datetime.date.today() + datetime.timedelta(days=2))
    with pytest.raises(Refused, match="只能逐级向下"):
        actions.record_transfer(desk.clerk, account=county, area=Area.objects.get(pk="441422000000"), amount="1",
                                on=day("2017-03-10"))
    with pytest.raises(Refused, match="不能登记两次"):
        desk.appropriation("100")
    assert (Voucher.objects.count(), Movement.objects.count()) == (1, 1)


def posting(**changes) -> tuple:
    """A movement as it would be posted, one that is in order unless changed."""
    bound = Account.objects.get(kind="project")
    paid = accounts.payee(bound.appropriation, bound.project)
    first = Movement.objects.first()
    values = dict(on="2017-05-01", kind="payment", from_account_id=bound.pk, to_account_id=paid.pk, amount=100,
                  appropriation_id=bound.appropriation_id, document=first.document, subject_code=first.subject_code,
                  use=USES[0], area_id=VILLAGE, project_id=bound.project_id, voucher_number="1",
                  recorded_by_id=first.recorded_by_id, approved_by_id=first.approved_by_id) | changes
    return ledger.row(**values)


@pytest.fixture
def bound(desk):
    return desk.commit(desk.appropriation("100"), desk.project(), "50")


@pytest.mark.req("R132", "R139", "R142")
@pytest.mark.parametrize(("changes", "sentence"), [
    ({"amount": 5001}, "余额不足"),
    ({"amount": 0}, "大于零"),
    ({"amount": -1}, "大于零|拒绝|余额"),
    ({"use": "办公经费"}, "用途不在"),
    ({"on": "2017-02-01"}, "早于"),
    ({"on": "2017-03-30"}, "尚未到位"),
    ({"project_id": None}, "项目"),
    ({"document": "别的文号"}, "专款"),
    ({"kind": "transfer"}, "不能在这两种账户之间"),
    ({"kind": "household_payment"}, "拒绝|不能在这两种|名单|户"),
    ({"kind": "theft"}, "拒绝|不能在这两种"),
    ({"area_id": "999999999999"}, "不存在"),
    ({"appropriation_id": 10 ** 6}, "不存在"),
    ({"recorded_by_id": 10 ** 6}, "不存在"),
    ({"household_id": VILLAGE + "0001"}, "不存在"),
    ({"kind": "reversal", "reverses_id": 1}, "冲正"),
    ({"kind": "reversal"}, "冲正|拒绝"),
])
def test_the_database_alone_refuses(bound, changes, sentence):
    with pytest.raises(Refused, match=sentence):
        ledger.post([posting(**changes)])
    assert (Movement.objects.count(), fresh(bound).balance) == (2, 50)
    assert chain.verify().ok


def test_the_database_alone_refuses_one_person_alone(bound):
    person = Movement.objects.first().recorded_by_id
    with pytest.raises(Refused, match="同一人"):
        ledger.post([posting(approved_by_id=person)])


def test_the_database_takes_what_is_in_order(bound):
    assert ledger.post([posting(), posting(amount=4900)]) == range(3, 5)
    assert (fresh(bound).balance, total()) == (0, 0)
    with pytest.raises(Refused, match="余额不足"):
        ledger.post([posting(amount=1)])


def test_several_rows_are_posted_together_or_not_at_all(bound):
    with pytest.raises(Refused, match="余额不足"):
        ledger.post([posting(amount=2600), posting(amount=2600)])
    assert (Movement.objects.count(), fresh(bound).balance) == (2, 50)


@pytest.mark.parametrize("sql", ["UPDATE funds_movement SET amount = 1", "DELETE FROM funds_movement",
                                 "UPDATE funds_appropriation SET amount = 1", "UPDATE funds_permitteduse SET name = 'x'",
                                 "DELETE FROM funds_permitteduse"])
def test_the_database_refuses_to_change_what_is_posted(bound, sql):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_no_use_is_added_to_a_document_that_is_posted(bound):
    with pytest.raises(DatabaseError), transaction.atomic():
        PermittedUse.objects.create(appropriation=bound.appropriation, name="办公经费")


def test_a_gap_in_the_numbers_is_refused(bound):
    last = Movement.objects.last()
    with pytest.raises(DatabaseError, match="sequence"), transaction.atomic():
        Movement.objects.create(**{field.attname: getattr(last, field.attname) for field in Movement._meta.concrete_fields}
                                | {"sequence": 9, "voucher_id": None})


@pytest.mark.req("R139")
def test_a_reversal_gives_back_and_happens_once(desk, bound):
    payment = desk.pay(bound, "50")
    back = desk.approve(actions.record_reversal(desk.clerk, payment, on=day("2017-06-01"), reason="付错单位"))
    assert (back.reverses, back.amount, fresh(bound).balance) == (payment, 50, 50)
    with pytest.raises(Refused, match="已经冲正"):
        actions.record_reversal(desk.clerk, payment, on=day("2017-06-01"), reason="再冲一次")
    with pytest.raises(Refused, match="冲正"):
        actions.record_reversal(desk.clerk, back, on=day("2017-06-01"), reason="冲正的冲正")
    swapped = dict(kind="reversal", from_account_id=payment.to_account_id, to_account_id=payment.from_account_id,
                   amount=5000, on="2017-06-02", reverses_id=payment.pk)
    with pytest.raises(Refused):
        ledger.post([posting(**swapped)])


def test_spent_money_cannot_be_reversed_away(desk, bound):
    with pytest.raises(Refused, match="余额不足"):
        actions.record_reversal(desk.clerk, Movement.objects.get(kind="appropriation"), on=day("2017-06-01"), reason="误登")


def test_refund_and_carry_over(desk, bound):
    payment = desk.pay(bound, "50")
    desk.approve(actions.record_refund(desk.clerk, account=payment.to_account, to_account=bound, amount="20",
                                       on=day("2017-07-01")))
    desk.approve(actions.record_carry_over(desk.clerk, account=fresh(bound), on=day("2017-12-31")))
    assert fresh(bound).balance == 0
    assert accounts.project(bound.appropriation, bound.project, 2018).balance == 20
    with pytest.raises(Refused, match="余额不足"):
        actions.record_refund(desk.clerk, account=payment.to_account, to_account=bound, amount="30.01", on=day("2018-01-01"))


def test_a_refused_and_a_withdrawn_voucher_post_nothing(desk):
    county = desk.appropriation("100")
    town = Area.objects.get(pk=TOWN)
    first, second = (actions.record_transfer(desk.clerk, account=county, area=town, amount="60", on=day("2017-03-10"))
                     for _ in range(2))
    with pytest.raises(Refused, match="退回原因"):
        actions.refuse(first, desk.chief, note=" ")
    actions.refuse(first, desk.chief, note="金额不对")
    actions.withdraw(second, desk.clerk)
    for voucher in (first, second):
        with pytest.raises(Refused):
            actions.approve(voucher, desk.chief)
    assert Movement.objects.count() == 1


@pytest.mark.req("R142", "R335")
def test_everybody_sees_the_money_of_the_own_area(desk, officer):
    county = desk.appropriation("1000")
    desk.approve(desk.transfer(county, "10"))
    clerk, stranger, auditor = officer("town_clerk", TOWN), officer("town_clerk", "441424103000"), officer("auditor", COUNTY)
    assert [Movement.objects.visible_to(who).count() for who in (clerk, stranger, auditor)] == [1, 0, 2]
    assert [Appropriation.objects.visible_to(who).count() for who in (clerk, stranger, auditor)] == [1, 0, 1]
    assert [Account.objects.visible_to(who).count() for who in (clerk, stranger)] == [1, 0]


@pytest.mark.req("R307")
@pytest.mark.parametrize("column", ["amount", "\"on\"", "note", "payee", "approved_by_id", "at", "digest", "area_id"])
def test_a_changed_byte_is_found_and_located(desk, bound, column, raw_change):
    for amount in ("1", "2", "3"):
        desk.pay(bound, amount)
    value = {"amount": "amount + 1", "\"on\"": "'2017-06-30'", "at": "'2017-06-30 00:00:00+00:00'",
             "digest": f"'{'0' * 64}'", "approved_by_id": "approved_by_id + 100"}.get(column, "'x'")
    raw_change(f"UPDATE funds_movement SET {column} = {value} WHERE sequence = 4")
    assert chain.verify().first_bad == 4
    assert chain.verify_balances().ok is (column not in ("amount", "\"on\""))


@pytest.mark.parametrize(("removed", "bad"), [(5, 5), (3, 3), (1, 1)])
def test_a_removed_row_is_found_even_the_last(desk, bound, removed, bad, raw_change, command):
    for amount in ("1", "2", "3"):
        desk.pay(bound, amount)
    raw_change(f"DELETE FROM funds_movement WHERE sequence = {removed}")
    assert chain.verify().first_bad == bad
    code, answer, _ = command("verify_chain")
    assert (code, answer["ok"], answer["first_bad"]) == (2, False, f"ledger:{bad}")


def unguarded() -> None:
    """Somebody who holds the database itself has taken the triggers away."""
    if connection.vendor == "postgresql":
        connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")
    guards.remove(connection)


@pytest.mark.req("R307")
def test_a_row_put_behind_the_last_is_named_even_with_a_right_digest(desk, bound, raw_change):
    desk.pay(bound, "1")
    head = ChainHead.objects.get(name="ledger")
    desk.pay(bound, "2")
    unguarded()
    ChainHead.objects.filter(name="ledger").update(sequence=head.sequence, digest=head.digest)
    assert chain.verify() == chain.ChainReport(head.sequence + 1, head.sequence + 1)
    ChainHead.objects.filter(name="ledger").update(sequence=head.sequence + 1, digest="0" * 64)
    assert chain.verify().first_bad == head.sequence + 1
    ChainHead.objects.filter(name="ledger").delete()
    assert chain.verify().first_bad == 1


@pytest.mark.req("R307")
def test_an_account_that_is_gone_or_says_another_day_is_found(desk, bound):
    desk.pay(bound, "1")
    payee = Account.objects.get(kind="payee")
    unguarded()
    Account.objects.filter(pk=bound.pk).update(last_in_on="2017-12-31")
    assert chain.verify_balances().first_bad == bound.pk
    Account.objects.filter(pk=bound.pk).update(last_in_on=bound.last_in_on)
    assert chain.verify_balances().ok
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM funds_voucher WHERE to_account_id = {payee.pk}")
        cursor.execute(f"DELETE FROM funds_account WHERE id = {payee.pk}")
    assert chain.verify_balances().first_bad == payee.pk


def test_an_empty_ledger_is_in_order_and_control_characters_do_not_reach_it(desk):
    assert chain.verify() == chain.ChainReport(0, None)
    county = desk.appropriation("100", number="文\n号\x1f\\1")
    assert county.appropriation.document_number == "文 号 ／1"
    assert chain.verify() == chain.ChainReport(1, None)


def test_what_the_chain_could_not_read_again_is_not_posted(bound):
    for text in ("a\nb", "a\x1fb", "a\\b", "a\rb", "a\x01b"):
        with pytest.raises(ValueError, match="cannot keep"):
            ledger.post([posting(note=text)])
    ledger.post([posting(note="引号\"和逗号,以及 \'", payee="𠀀·阿里木")])
    assert chain.verify() == chain.ChainReport(3, None)
    assert Movement.objects.last().payee == "𠀀·阿里木"

"""What the database alone refuses, beyond new movements: changing or emptying what the ledger rests on."""
import pytest
from django.db import DatabaseError, connection, transaction

from funds import payment_lists, payments
from funds.models import Movement, Voucher
from office.models import Area
from tests.factories import make_household
from tests.funds.conftest import TOWN, USES, day, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.req("R139", "R142")]
CARD = "6217003000000{:04d}"


def refused(sql: str, match: str = "ledger:|append-only|UNIQUE") -> None:
    if connection.vendor == "postgresql":
        sql = f"SET CONSTRAINTS ALL IMMEDIATE; {sql}"
    with pytest.raises(DatabaseError, match=match), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def paid(desk):
    """A batch of two households, paid; and a payment to a supplier with its voucher."""
    for serial in (1, 2):
        make_household(serial=serial, year=2017, members=({},), bank_card=CARD.format(serial), bank_name="信用社",
                       head_name="陈一")
    account = desk.appropriation("5000")
    desk.pay(desk.commit(account, desk.project(), "100"), "40")
    batch = payment_lists.create(desk.clerk, account=fresh(account), area=Area.objects.get(pk=TOWN), item="奖补", year=2017,
                                 unit="household", standard="1000", use=USES[0])
    payment_lists.fill(batch)
    payment_lists.check(batch, desk.clerk)
    payment_lists.approve(batch, desk.chief, on=day("2017-05-01"))
    payments.pay(batch, desk.clerk, on=day("2017-05-02"))
    return fresh(batch)


@pytest.mark.parametrize("sql", [
    "UPDATE office_chainhead SET sequence = sequence + 1 WHERE name = 'ledger'",
    "UPDATE office_chainhead SET sequence = sequence - 1 WHERE name = 'ledger'",
    "UPDATE office_chainhead SET digest = 'b' WHERE name = 'ledger'",
    "UPDATE office_chainhead SET name = 'other' WHERE name = 'ledger'",
    "DELETE FROM office_chainhead WHERE name = 'ledger'",
    "UPDATE funds_account SET balance = balance + 1 WHERE kind = 'budget'",
    "UPDATE funds_account SET balance = balance - 1 WHERE kind = 'budget'",
    "UPDATE funds_account SET last_in_on = NULL WHERE kind = 'budget'",
    "UPDATE funds_account SET year = 2018 WHERE kind = 'cards'",
    "DELETE FROM funds_account WHERE kind = 'cards'",
    "UPDATE funds_voucher SET amount = amount + 1",
    "UPDATE funds_voucher SET state = 'draft'",
    "DELETE FROM funds_voucher",
    "DELETE FROM funds_appropriation",
    "UPDATE funds_batchline SET holder = '他人'",
    "UPDATE funds_batchline SET card_index = 'x'",
    "UPDATE funds_batchline SET card_tail = '9999'",
    "UPDATE funds_batchline SET quantity = 3",
    "UPDATE funds_batchline SET live = FALSE",
    "UPDATE funds_batchline SET position = position + 100",
    "UPDATE funds_paymentbatch SET standard = 1",
    "UPDATE funds_paymentbatch SET unit = 'person'",
    "UPDATE funds_paymentbatch SET area_id = '441424000000'",
    "UPDATE funds_paymentbatch SET number = 'FF1'",
    "UPDATE funds_paymentbatch SET paid_on = '2017-06-01'",
    "UPDATE funds_paymentbatch SET state = 'approved'",
    "UPDATE funds_paymentbatch SET state = 'draft'",
])
def test_what_the_ledger_rests_on_does_not_change(paid, sql):
    refused(sql)


@pytest.mark.parametrize("table", ["funds_movement", "funds_appropriation", "funds_permitteduse", "funds_account",
                                   "funds_voucher", "funds_paymentbatch", "funds_batchline", "office_chainhead",
                                   "office_auditevent"])
def test_no_table_of_the_money_is_emptied(paid, table):
    if connection.vendor != "postgresql":
        refused(f"DELETE FROM {table}", "ledger:|append-only|FOREIGN")
    else:
        refused(f"TRUNCATE {table} CASCADE")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite replaces rows without deleting them")
@pytest.mark.parametrize(("table", "change"), [
    ("funds_appropriation", {"amount": "amount + 1"}), ("funds_paymentbatch", {"total": "total + 1"}),
    ("funds_account", {"balance": "0"}), ("funds_voucher", {"amount": "1"}), ("funds_batchline", {"card_index": "'x'"}),
    ("office_chainhead", {"digest": "'x'"}), ("funds_permitteduse", {"name": "'办公'"})])
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
def test_nothing_is_replaced(paid, table, change, recursive):
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA recursive_triggers = {recursive}")
        cursor.execute(f"PRAGMA table_info({table})")
        columns = [f'"{row[1]}"' for row in cursor.fetchall()]
    values = [change.get(column.strip('"'), column) for column in columns]
    only = " WHERE name = 'ledger'" if table == "office_chainhead" else ""
    refused(f"INSERT OR REPLACE INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {table}{only}")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers = ON")


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="only SQLite replaces rows without deleting them")
def test_a_new_movement_replaces_none_before_it(paid):
    last, bought = Movement.objects.count(), Movement.objects.get(kind="payment")
    columns = [f'"{field.column}"' for field in Movement._meta.concrete_fields]
    change = {"sequence": str(last + 1), "amount": "1", "on": "'2017-06-01'"}
    values = [change.get(column.strip('"'), column) for column in columns]
    refused(f"INSERT OR REPLACE INTO funds_movement ({', '.join(columns)}) SELECT {', '.join(values)} FROM funds_movement "
            f"WHERE sequence = {bought.pk}", "voucher_id")
    assert Voucher.objects.filter(pk=bought.voucher_id, movements=bought).exists()
    assert Movement.objects.count() == last

"""Balances as of any day, and money that was passed down too late."""
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funds import accounts, actions
from funds.balances import held_on, movements_of, with_balance
from funds.idle import passed_down_late
from funds.models import Account
from tests.funds.conftest import day

pytestmark = pytest.mark.django_db


def held(account, on=None) -> Decimal:
    return with_balance(day(on) if on else None).get(pk=account.pk).balance_on


def test_balances_of_all_accounts_on_a_day_in_one_statement(desk):
    county = desk.appropriation("1000")
    bound = desk.commit(county, desk.project(), "600")
    paid = desk.pay(bound, "250")
    desk.approve(actions.record_reversal(desk.clerk, paid, on=day("2017-07-01"), reason="付错"))
    with CaptureQueriesContext(connection) as queries:
        on_may_day = {account.pk: account.balance_on for account in with_balance(day("2017-05-01"))}
    assert len(queries) == 1
    assert (on_may_day[county.pk], on_may_day[bound.pk], on_may_day[paid.to_account_id]) == (400, 350, 250)
    assert sum(on_may_day.values()) == 0
    assert [held(bound, on) for on in ("2017-03-31", "2017-04-01", "2017-06-30", "2017-07-01")] == [0, 600, 350, 600]
    assert all(account.balance == account.balance_on for account in with_balance())
    assert [row.amount for row in movements_of(bound, day("2017-05-01"))] == [600, 250]


def test_balances_of_many_accounts_are_the_balances_of_each(desk):
    county = desk.appropriation("1000")
    bound = desk.commit(county, desk.project(), "600")
    desk.pay(bound, "250")
    for on in ("2017-02-28", "2017-03-31", "2017-04-01", "2017-12-31"):
        with CaptureQueriesContext(connection) as queries:
            held_by_account = held_on(Account.objects.all(), day(on))
        assert len(queries) == 3           # the first and the last day of the ledger, and all sums together
        each = {account.pk: int(account.balance_on * 100) for account in with_balance(day(on))}
        assert {pk: fen for pk, fen in held_by_account.items() if fen} == {pk: fen for pk, fen in each.items() if fen}


@pytest.mark.req("R145", "R150")
def test_money_from_above_is_passed_on_within_thirty_days_or_flagged(desk):
    county = desk.appropriation("1000", on="2017-03-01")
    desk.approve(desk.transfer(county, "400", on="2017-03-31"))
    desk.approve(desk.transfer(county, "500", on="2017-04-01"))
    budgets = Account.objects.filter(kind="budget")
    [lot] = passed_down_late(budgets, day("2017-04-10"))
    assert (lot.account, lot.deadline, lot.late, lot.left) == (county, day("2017-03-31"), 600, 100)
    assert passed_down_late(budgets, day("2017-03-31")) == []
    desk.approve(desk.transfer(accounts.budget(county.appropriation, county.area), "100", on="2017-05-01"))
    [lot] = passed_down_late(budgets, day("2017-05-01"))
    assert (lot.late, lot.left) == (600, 0)

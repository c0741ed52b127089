"""Balances as of any day, and money that lies too long."""
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funds import accounts, actions
from funds.balances import movements_of, with_balance
from funds.idle import idle, idle_for, passed_down_late
from funds.models import Account
from tests.funds.conftest import day, fresh

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


@pytest.mark.req("R145", "R150")
def test_idle_money_is_counted_from_the_day_it_came_and_a_carry_over_does_not_help(desk):
    county = desk.appropriation("1000", on="2016-03-01", number="一")
    later = desk.appropriation("70", on="2017-06-01", number="二")
    desk.commit(county, desk.project(), "300", on="2017-04-01")
    desk.approve(actions.record_carry_over(desk.clerk, account=fresh(county), on=day("2017-12-31")))
    lots = idle(Account.objects.filter(kind="budget"), day("2018-03-01"))
    assert [(lot.on, lot.left, lot.days(day("2018-03-01"))) for lot in lots] == [
        (day("2016-03-01"), 700, 730), (day("2017-06-01"), 70, 273)]
    assert idle_for(lots, day("2018-03-01"), "idle_two_years_days") == 700
    assert idle_for(lots, day("2018-02-28"), "idle_two_years_days") == 0
    assert idle_for(lots, day("2018-02-28"), "idle_year_days") == 700
    assert held(later) == 70


def test_what_came_back_lies_since_it_first_came_and_what_was_undone_never_did(desk):
    county = desk.appropriation("100", on="2017-03-01", number="一")
    wrong = desk.appropriation("40", on="2017-03-01", number="二")
    bound = desk.commit(county, desk.project(), "100")
    desk.approve(actions.record_refund(desk.clerk, account=bound, to_account=county, amount="30", on=day("2017-08-01")))
    desk.approve(actions.record_reversal(desk.clerk, wrong.movements_in.get(), on=day("2017-09-01"), reason="误登"))
    lots = idle(Account.objects.filter(kind="budget"), day("2017-12-31"))
    assert [(lot.on, lot.left) for lot in lots] == [(day("2017-03-01"), 30)]


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

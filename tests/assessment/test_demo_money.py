"""The demo county's money: as much as is due, recorded and approved by two persons, the same every time, with its flaws."""
import datetime
import json

import pytest
from django.db import transaction
from django.db.models import F, Sum

from assessment.demo import fill
from assessment.demo import money as demo_money
from assessment.demo.money import make_money
from assessment.management.commands import demo as demo_command
from funds import chain, due
from funds.balances import with_balance
from funds.dashboard import Lens, total
from funds.models import Account, Appropriation, BatchLine, Investment, Movement, PaymentBatch, Pledge, Project, Voucher
from funds.states import AccountKind, BatchState, Kind, ProjectState
from households.models import Household
from office.fields import MoneyField
from office.models import Area, Officer, Programme

MEIJIANG, JIANGHAI, LUHE, ZIJIN = "441402000000", "440704000000", "441523000000", "441621000000"
END = datetime.date(2018, 12, 31)


@pytest.fixture
def give(officer):
    """give(county): a small made-up county with money; what was said meanwhile is returned."""
    def fill_and_post(county: str, households: int = 60, seed: int = 1) -> list[str]:
        if not Household.objects.exists():
            fill(county, households, seed)
        said: list[str] = []
        make_money(Area.objects.get(pk=county), officer("finance", county), officer("county_leader", county), seed, said.append)
        return said

    return fill_and_post


@pytest.mark.req("R128", "R129", "R136", "R137")
def test_what_is_due_has_come_but_for_the_last_payers_last_year(give):
    give(MEIJIANG)
    programme = Programme.objects.get(pk="MZ2016")
    found = [one for one in due.dues(programme, Area.objects.get(pk=MEIJIANG)) if one.kind == "standard"]
    assert [one.payer for one in found] == ["province", "helper_city", "city", "county"]
    assert [one.missing for one in found[:3]] == [0, 0, 0]
    assert 0 < found[3].missing < found[3].amount / 5
    late = [one for one in due.dues(programme, Area.objects.get(pk=MEIJIANG)) if one.kind == "pledge" and one.late(END)]
    assert [one.payer_name for one in late] == ["县商会（示范）"]
    assert Pledge.objects.count() == 2


def test_the_books_are_in_order_and_the_flaws_are_there(give):
    give(MEIJIANG)

    assert chain.verify().first_bad is None
    assert chain.verify_balances().first_bad is None
    assert not Movement.objects.filter(recorded_by=F("approved_by")).exists()
    assert not Voucher.objects.exclude(state="approved").exists()
    assert set(Movement.objects.values_list("kind", flat=True)) == {*Kind.values} - {"reversal"}
    assert not Appropriation.objects.exclude(document_number__contains="（示范）").exists()
    assert not Project.objects.exclude(name__endswith="（示范）").exists()
    days = list(Movement.objects.order_by("sequence").values_list("on", flat=True))
    assert days == sorted(days), "the ledger is in the order of its days"

    arrived = dict(Movement.objects.filter(kind=Kind.APPROPRIATION).values_list("appropriation_id", "on"))
    split = Movement.objects.filter(kind=Kind.TRANSFER).values_list("appropriation_id", "on")
    assert sum(on - arrived[pk] > datetime.timedelta(days=30) for pk, on in set(split)) == 1
    figures = total(Lens(None, Area.objects.get(pk=MEIJIANG), as_of=END), END)
    assert 0 < figures.idle_two < figures.idle_one < figures.received / 4
    assert Project.objects.filter(state=ProjectState.UNDER_WAY, year=2017).exists()
    assert Account.objects.filter(kind=AccountKind.BUDGET, year=2019, balance__gt=0, appropriation__year=2016).exists()


def test_every_year_households_are_paid_and_what_failed_came_back(give):
    give(MEIJIANG, households=150)
    for year in (2016, 2017, 2018):
        batch = PaymentBatch.objects.get(year=year, purpose="subsidy")
        assert batch.state == BatchState.RECONCILED
        paid = BatchLine.objects.filter(batch=batch, result="success").aggregate(total=Sum("amount", output_field=MoneyField()))
        failed = BatchLine.objects.filter(batch=batch, result="failed")
        assert failed.exists()
        back = Movement.objects.filter(kind=Kind.REFUND, batch=batch).aggregate(total=Sum("amount", output_field=MoneyField()))
        assert paid["total"] + back["total"] == batch.total
        assert back["total"] == sum(failed.values_list("amount", flat=True))
    investment = Investment.objects.get()
    assert set(investment.batches.values_list("year", flat=True)) == {2017, 2018}
    left = with_balance(END, Account.objects.filter(appropriation__special_line=demo_money.DIVIDEND, kind=AccountKind.BUDGET))
    assert not any(account.balance_on for account in left), "what no household could be paid went back"


def test_the_same_seed_makes_the_same_money(give, db):
    def rows():
        return list(Movement.objects.order_by("sequence").values_list(
            "on", "kind", "amount", "document", "area_id", "project__number", "household_id", "payee", "payee_account"))

    made = []
    for seed in (1, 1, 2):
        with transaction.atomic():
            give(JIANGHAI, 40, seed)
            made.append(rows())
            transaction.set_rollback(True)
    assert made[0] == made[1]
    assert made[0] != made[2]


@pytest.mark.parametrize(("county", "programme"), [(LUHE, "SW2016"), (JIANGHAI, "JH2016"), (ZIJIN, "HY2018")])
@pytest.mark.req("R129", "R130", "R131")
def test_other_programmes_have_money_too(give, county, programme):
    said = give(county)
    assert any(f"已编制示范资金 {programme}" in line for line in said)
    assert chain.verify().first_bad is None
    dues = due.dues(Programme.objects.get(pk=programme), Area.objects.get(pk=county))
    found = [one for one in dues if one.kind in ("standard", "village") and one.amount and one.payer]
    assert found
    assert sum(one.missing for one in found) < sum(one.amount for one in found) / 10
    if county == ZIJIN:
        assert any("未编制示范资金 HY2016D" in line for line in said), "that document asks for no sum"


def test_a_missing_figure_is_said_and_passed_over(give, monkeypatch):
    monkeypatch.setattr(due, "policy_number", lambda *asked: None)
    said = give(MEIJIANG)
    assert len(said) == 1
    assert said[0].startswith("未编制示范资金 MZ2016：")
    assert not Movement.objects.exists()


def test_a_demonstration_stopped_at_the_money_goes_on_with_the_same_logins(command, db, settings, tmp_path, monkeypatch):
    settings.VAR = tmp_path
    monkeypatch.delenv("DEMO_PASSWORD", raising=False)
    post = demo_command.make_money

    def stop(*asked):
        post(*asked)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(demo_command, "make_money", stop)
    assert command("demo", "--county", JIANGHAI, "--households", 30)[0] == 1
    kept = json.loads((tmp_path / "demo-logins.json").read_text(encoding="utf-8"))
    officers = set(Officer.objects.values_list("pk", flat=True))
    monkeypatch.setattr(demo_command, "make_money", post)

    code, answer, said = command("demo", "--county", JIANGHAI, "--households", 30)

    assert code == 0, said
    assert set(Officer.objects.values_list("pk", flat=True)) == officers
    assert [login["username"] for login in answer["logins"]] == [login["username"] for login in kept]
    assert Movement.objects.exists()
    assert command("demo", "--county", JIANGHAI, "--households", 30)[0] == 1     # a third time there is nothing to do

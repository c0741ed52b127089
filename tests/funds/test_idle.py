"""Days idle: one rule, the same number for the same money wherever it is shown."""
import re

import openpyxl
import pytest

from funds import accounts, actions, idle
from funds.models import Account
from office.models import Area
from tests.factories import VILLAGE
from tests.funds.conftest import COUNTY, TOWN, day, fresh
from tests.funds.pages import browser, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def travelled(desk):
    """100 of 2017 went down, to a project, half of it back to the township, and over into the next year."""
    county = desk.appropriation("100", on="2017-03-01")
    town = desk.approve(desk.transfer(county, "60", on="2017-06-01")).to_account
    bound = desk.commit(fresh(town), desk.project(), "40", on="2017-09-01")
    desk.approve(actions.record_refund(desk.clerk, account=bound, to_account=fresh(town), amount="20", on=day("2018-01-10")))
    desk.approve(actions.record_carry_over(desk.clerk, account=fresh(town), on=day("2018-01-11")))
    desk.approve(actions.record_carry_over(desk.clerk, account=fresh(bound), on=day("2018-01-11")))
    return {"county": county, "town": accounts.budget(county.appropriation, Area.objects.get(pk=TOWN), 2018),
            "project": accounts.project(county.appropriation, bound.project, 2018)}


@pytest.mark.req("R145", "R150")
def test_every_door_shows_the_same_days(desk, travelled, command, tmp_path):
    client, project = browser(desk.clerk), travelled["project"].project_id
    path = tmp_path / "funds.xlsx"
    code, _, errors = command("export_ledger", "--programme", "MZ2016", "--kind", "funds", "--out", path)
    assert code == 0, errors
    lines = list(openpyxl.load_workbook(path, data_only=True)["台账"].iter_rows(values_only=True))
    column = lines[2].index("滞留天数")
    in_workbook = {line[column] for line in lines[3:-1] if line[column] is not None}

    (days,) = in_workbook
    shown = f"{days:,}"
    assert shown in words(client.get("/funds/"))
    assert words(client.get("/funds/accounts/")).count(f" {shown} ") == 3
    for address in (f"/funds/projects/{project}/", f"/funds/villages/{VILLAGE}/", f"/funds/villages/{TOWN}/",
                    f"/funds/appropriations/{travelled['county'].appropriation_id}/",
                    *(f"/funds/accounts/{account.pk}/" for account in travelled.values())):
        assert shown in words(client.get(address)), address


@pytest.mark.req("R150")
@pytest.mark.parametrize(("on", "mark"), [("2018-02-28", ""), ("2018-03-01", "满一年"), ("2019-02-28", "满一年"),
                                          ("2019-03-01", "满两年")])
def test_a_year_and_two_years_are_said_in_words_on_every_page(desk, travelled, on, mark):
    client, project = browser(desk.clerk), travelled["project"].project_id
    days = (day(on) - day("2017-03-01")).days
    for address in ("/funds/accounts/", f"/funds/projects/{project}/", f"/funds/accounts/{travelled['town'].pk}/"):
        page = client.get(address, {"as_of": on}).content.decode()
        rows = re.sub(r"<p class=\"[^\"]*muted\">.*?</p>|<a[^>]*class=\"tab[^>]*>.*?</a>|<form.*?</form>|<nav.*?</nav>", "", page,
                      flags=re.DOTALL)
        assert f"{days:,}" in rows, address
        assert ("满一年" in rows, "满两年" in rows) == (mark == "满一年", mark == "满两年"), address


@pytest.mark.req("R150")
@pytest.mark.parametrize("address", ["/funds/", "/funds/accounts/", "/funds/appropriations/", f"/funds/villages/{TOWN}/"])
def test_the_rule_and_its_source_stand_where_the_days_are(desk, travelled, address):
    text = words(browser(desk.clerk).get(address))

    assert idle.RULE in text
    assert "365天，财政存量资金管理的通行口径" in text


def test_money_that_is_spent_is_not_idle(desk):
    bound = desk.commit(desk.appropriation("100"), desk.project(), "100")
    desk.pay(bound, "100")

    assert "没有符合条件的结余" in words(browser(desk.clerk).get("/funds/accounts/"))
    assert not Account.objects.in_area(COUNTY).filter(kind__in=("budget", "project"), balance__gt=0).exists()

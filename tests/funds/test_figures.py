"""Every figure of the money pages opens the rows it is made of, and they add up to it; on ledgers in which anything happened."""
import re
from collections import Counter
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection

from funds import flows
from funds.models import Account, Movement
from office.models import Area
from tests.factories import VILLAGE
from tests.funds.conftest import COUNTY, TOWN, day
from tests.funds.pages import browser, words
from tests.funds.wandering import OTHER_TOWN, OTHER_VILLAGE, wander

pytestmark = pytest.mark.django_db
LINK = re.compile(r'href="(/funds/(?:movements|accounts)/\?[^"]+)"[^>]*>((?:(?!</a>).)*)</a>', re.DOTALL)
AMOUNT = re.compile(r"−?[\d,]+\.\d\d")
CITY, STEPS = "441400000000", 70


@pytest.fixture
def ledger(desk, tmp_path):
    """A ledger of its own for each database, so that both together have walked two."""
    wander(desk, tmp_path, 1 if connection.vendor == "sqlite" else 2, STEPS)
    return desk


def opened(client, page: str) -> Counter:
    """Open what lies behind each figure of a page; returns how many figures of each kind of list agreed."""
    response = client.get(page, follow=True)
    assert response.status_code == 200, page
    agreed = Counter()
    for url, inner in LINK.findall(response.content.decode()):
        shown = AMOUNT.findall(re.sub(r"<[^>]+>", " ", unescape(inner)))
        if not shown:
            continue
        behind = re.search(r"合计 (−?[\d,.]+) 元", words(client.get(unescape(url))))
        assert behind, (page, url)
        wanted, unit = shown[-1], "万元" in inner
        found = behind[1]
        if unit and len(shown) == 1:       # a figure in 万元 without the yuan beneath it
            found = f"{Decimal(found.replace(',', '').replace('−', '-')).scaleb(-4):,.2f}"
        assert found == wanted, (page, url)
        agreed[url.split("/")[2]] += 1
    return agreed


@pytest.mark.req("R136", "R145", "R150")
def test_every_figure_of_the_overview_opens_its_rows(ledger):
    client, found = browser(ledger.clerk), Counter()
    for by in ("place", "level", "source", "programme", "year"):
        found += opened(client, f"/funds/?by={by}")
    for asked in ("by=level&as_of=2017-06-30", "by=place&as_of=2017-06-30", f"area={TOWN}", f"area={TOWN}&as_of=2017-03-01",
                  f"area={OTHER_TOWN}&source=province"):
        found += opened(client, f"/funds/?{asked}")

    assert found["movements"] > 60
    assert found["accounts"] > 20


@pytest.mark.req("R142", "R335")
def test_every_figure_opens_its_rows_for_everybody_who_sees_it(ledger, officer):
    for role, area in (("town_clerk", TOWN), ("auditor", COUNTY), ("finance", OTHER_TOWN), ("city_office", CITY)):
        client = browser(officer(role, area))
        found = opened(client, "/funds/") + opened(client, f"/funds/villages/{area}/")
        found += opened(client, "/funds/?year=2016&by=level")
        for account in Account.objects.in_area(area).exclude(kind="source")[:3]:
            found += opened(client, f"/funds/accounts/{account.pk}/")
        assert found["movements"] > 10, role


@pytest.mark.req("R142", "R145")
def test_every_figure_of_a_sheet_opens_its_rows(ledger):
    client, found = browser(ledger.clerk), Counter()
    for as_of in ("", "2017-09-30"):
        for code in (VILLAGE, OTHER_VILLAGE, TOWN, COUNTY):
            found += opened(client, f"/funds/villages/{code}/?as_of={as_of}")
        for project in Account.objects.filter(kind="project").order_by().values_list("project", flat=True).distinct():
            found += opened(client, f"/funds/projects/{project}/?as_of={as_of}")
    for account in Account.objects.exclude(kind="source")[:6]:
        found += opened(client, f"/funds/accounts/{account.pk}/?as_of=2017-09-30")
    for pk in sorted(set(Movement.objects.values_list("appropriation", flat=True)))[:4]:
        found += opened(client, f"/funds/appropriations/{pk}/")

    assert found["movements"] > 60


def test_what_lies_in_an_area_is_what_came_in_less_what_went_out(ledger):
    """The same from the other side: the accounts themselves, added up by hand."""
    for code in (COUNTY, TOWN, OTHER_TOWN, VILLAGE):
        for on in ("2016-12-31", "2017-06-30", "2030-01-01"):
            lens = flows.Lens(ledger.clerk, Area.objects.get(pk=code), as_of=day(on))
            inside = set(Account.objects.in_area(code).exclude(kind="source").values_list("pk", flat=True))
            held = sum((row.amount * ((row.to_account_id in inside) - (row.from_account_id in inside))
                        for row in Movement.objects.filter(on__lte=on)), Decimal(0))
            assert sum(one.fen for one in lens.holdings) == held * 100


def test_a_sum_is_of_all_rows_however_many(desk):
    """The list shows a page of them."""
    county = desk.appropriation("100000")
    for number in range(60):
        desk.approve(desk.transfer(county, f"{number + 1}.01", on="2017-03-10"))
    page = browser(desk.clerk).get("/funds/movements/", {"flow": "transferred", "area": COUNTY})

    assert "合计 1,830.60 元" in words(page)
    assert len(re.findall(r'<th scope="row">', page.content.decode())) == 50

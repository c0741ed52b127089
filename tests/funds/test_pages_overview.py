"""The overview: figures that come from the ledger, each opening exactly the movements that make it."""
import datetime
import re
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from funds import actions, dashboard
from funds.dashboard import Lens
from office.models import Area
from tests.factories import VILLAGE
from tests.funds.conftest import COUNTY, TOWN, day, fresh
from tests.funds.pages import browser, households, paid, words

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2018, 12, 31)


@pytest.fixture
def money(desk):
    """1,000,000 came; 400,000 went to the township, of which 100,000 to a project (60,000 paid, 10,000 came back) and
    1,600 to two households; of the rest 50,000 was bound to another project in the same village and reversed."""
    county = desk.appropriation("1000000")
    desk.approve(desk.transfer(county, "400000"))
    wrong = desk.approve(desk.transfer(fresh(county), "70000"))
    desk.approve(actions.record_reversal(desk.clerk, wrong, on=day("2017-03-12"), reason="金额登记错误"))
    town = wrong.to_account
    bound = desk.commit(fresh(town), desk.project(), "100000")
    moved = desk.pay(bound, "60000", stage="advance")
    desk.approve(actions.record_refund(desk.clerk, account=fresh(moved.to_account), to_account=fresh(bound), amount="10000",
                                       on=day("2017-05-20")))
    households(1, 2)
    paid(desk, fresh(town))
    late = desk.approve(actions.record_commitment(desk.clerk, account=fresh(county), project=desk.project("XM002"),
                                                  amount="50000", on=day("2017-06-10")))
    desk.approve(actions.record_reversal(desk.clerk, late, on=day("2017-06-11"), reason="项目取消"))
    return county


def lens_of(officer, code=COUNTY, **facts) -> Lens:
    return Lens(officer, Area.objects.get(pk=code), **facts)


def figures(line) -> tuple:
    return line.received, line.transferred, line.committed, line.paid, line.idle


@pytest.mark.req("R136", "R145")
def test_what_came_was_bound_paid_and_is_left(desk, money):
    whole = dashboard.total(lens_of(desk.clerk), TODAY)

    assert figures(whole) == (1000000, 400000, 101600, 51600, 948400)
    assert whole.received == whole.paid + whole.idle


@pytest.mark.req("R136", "R145")
@pytest.mark.parametrize("by", ["place", "level", "source", "programme", "year"])
def test_every_split_adds_up_and_opens_its_movements(desk, money, by):
    """The sum on the page behind a figure is that figure, for every cell of every split."""
    client = browser(desk.clerk)
    page = client.get("/funds/", {"by": by})
    cells = re.findall(r'href="(/funds/movements/\?[^"]+)">([\d,.]+)<', page.content.decode())

    assert len(cells) > 4
    for url, shown in cells:
        assert f"合计 {shown} 元" in words(client.get(unescape(url))), url


def test_every_figure_of_a_township_opens_its_movements(desk, money):
    client = browser(desk.clerk)
    page = client.get("/funds/", {"area": TOWN})
    cells = re.findall(r'href="(/funds/movements/\?[^"]+)">([\d,.]+)<', page.content.decode())

    assert len(cells) > 4
    for url, shown in cells:
        assert f"合计 {shown} 元" in words(client.get(unescape(url))), url


def test_the_village_gets_what_its_households_were_paid(desk, money):
    lines = {line.key: line for line in dashboard.lines(lens_of(desk.clerk, TOWN), "place", TODAY)}

    assert figures(lines[VILLAGE]) == (101600, 0, 101600, 51600, 50000)
    assert figures(lines[TOWN]) == (298400, 0, 0, 0, 298400)


def test_figures_of_an_earlier_day(desk, money):
    whole = dashboard.total(lens_of(desk.clerk, as_of=day("2017-04-30")), TODAY)

    assert figures(whole) == (1000000, 400000, 100000, 0, 1000000)
    assert "截至 2017-04-30" in words(browser(desk.clerk).get("/funds/", {"as_of": "2017-04-30"}))


@pytest.mark.req("R150")
def test_idle_money_is_counted_from_the_document(desk):
    county = desk.appropriation("100", number="粤财农〔2017〕1号", on="2017-03-01")
    desk.appropriation("30", number="粤财农〔2018〕9号", on="2018-06-01")
    desk.approve(desk.transfer(county, "40", on="2018-05-01"))          # passing it on starts no new count

    one = dashboard.total(lens_of(desk.clerk), day("2018-03-01"))
    two = dashboard.total(lens_of(desk.clerk), day("2019-03-01"))

    assert (one.idle_one, one.idle_two, one.days) == (100, 0, 365)
    assert (two.idle_one, two.idle_two, two.days) == (100, 100, 730)


@pytest.mark.req("R150")
def test_idle_accounts_are_marked_in_words(desk):
    desk.appropriation("100")
    text = words(browser(desk.clerk).get("/funds/accounts/", {"idle": "two"}))

    assert "满两年" in text
    assert "100.00" in text
    days = (timezone.localdate() - day("2017-03-01")).days
    assert f"{days:,}" in text


@pytest.mark.req("R150")
def test_townships_by_share_paid_equal_ones_share_the_rank(desk):
    county = desk.appropriation("1000")
    for code in (TOWN, "441424103000", "441424100000"):
        if Area.objects.filter(pk=code).exists():
            desk.approve(desk.transfer(county, "100", to=code))
    desk.pay(desk.commit(fresh(desk.transfer(county, "1").to_account), desk.project(), "50"), "50")

    ranked = dashboard.ranking(lens_of(desk.clerk), "township", TODAY)

    assert ranked[0].key == TOWN
    assert ranked[0].rate == Decimal("0.5")
    page = words(browser(desk.clerk).get("/funds/"))
    assert "支出率排名" in page
    assert "50.0%" in page


@pytest.mark.req("R150")
@pytest.mark.parametrize("by", ["place", "level"])
def test_what_was_passed_on_is_no_money_the_area_left_unpaid(desk, by):
    county = desk.appropriation("1000")
    desk.approve(desk.transfer(county, "600"))
    desk.pay(desk.commit(fresh(county), desk.project("XM2", area=COUNTY), "400"), "400")
    line = next(one for one in dashboard.lines(lens_of(desk.clerk), by, TODAY) if one.transferred)

    assert (line.received, line.kept, line.paid, line.rate) == (1000, 400, 400, 1)


def test_what_counties_passed_on_is_no_sum_of_their_city(desk, money, officer):
    page = browser(officer("city_office", "441400000000")).get("/funds/")
    assert "合计 1,000,000.00 — " in words(page)


@pytest.mark.req("R142", "R335")
def test_a_clerk_sees_the_money_of_the_own_township(desk, money, officer):
    clerk = officer("town_clerk", TOWN)
    client = browser(clerk)

    assert figures(dashboard.total(lens_of(clerk, TOWN), TODAY)) == (400000, 0, 101600, 51600, 348400)
    page = words(client.get("/funds/"))
    assert "400,000.00" in page
    assert "1,000,000.00" not in page
    assert client.get("/funds/", {"area": COUNTY}).status_code == 404
    assert client.get("/funds/movements/1/").status_code == 404             # the county's own appropriation
    assert client.get(f"/funds/accounts/{money.pk}/").status_code == 404


@pytest.mark.req("R146", "R335")
def test_the_auditor_opens_everything_and_changes_nothing(desk, money, officer):
    client = browser(officer("auditor", COUNTY))
    draft = desk.transfer(fresh(money), "10", on="2017-07-01")

    for address in ("/funds/", "/funds/movements/", "/funds/movements/1/", f"/funds/accounts/{money.pk}/", "/funds/vouchers/",
                    f"/funds/vouchers/{draft.pk}/", "/funds/appropriations/", f"/funds/appropriations/{money.appropriation_id}/",
                    "/funds/projects/", "/funds/batches/", "/funds/due/", f"/funds/villages/{VILLAGE}/"):
        page = client.get(address)
        assert page.status_code == 200, address
        assert "data-dialog-open" not in page.content.decode(), address
    for address in ("/funds/appropriations/new/", "/funds/projects/new/", "/funds/batches/new/",
                    f"/funds/accounts/{money.pk}/transfer/", "/funds/movements/2/reverse/"):
        assert client.get(address).status_code == 403, address
    assert client.post(f"/funds/vouchers/{draft.pk}/approve/").status_code == 403
    assert fresh(draft).state == "draft"


@pytest.mark.req("R146")
def test_from_an_amount_to_document_approvals_and_beneficiary_and_back(desk, money):
    client = browser(desk.clerk)
    moved = money.appropriation.movements.filter(kind="household_payment").first()
    page = client.get(f"/funds/movements/{moved.pk}/").content.decode()

    for link in (f"/funds/appropriations/{moved.appropriation_id}/", f"/funds/batches/{moved.batch_id}/",
                 f"/households/{moved.household_id}/", f"/funds/accounts/{moved.from_account_id}/"):
        assert link in page
    assert "财政经办" in page
    assert "扶贫办复核" in page
    assert f"/funds/movements/{moved.pk}/" in client.get(f"/households/{moved.household_id}/").content.decode()


@pytest.mark.req("R145")
def test_the_household_page_shows_what_was_paid(desk, money, officer):
    page = browser(officer("village_worker", VILLAGE)).get(f"/households/{VILLAGE}0001/")

    assert "产业奖补" in words(page)
    assert "800.00" in words(page)
    assert "/funds/movements/" not in page.content.decode()     # the worker may not open pages of the money


@pytest.mark.parametrize("address", ["/funds/?by=place", "/funds/?by=level", "/funds/movements/", "/funds/accounts/",
                                     "/funds/appropriations/", "/funds/vouchers/?state=approved", "/funds/projects/",
                                     f"/funds/villages/{VILLAGE}/"])
def test_the_number_of_statements_does_not_grow(desk, address):
    client = browser(desk.clerk)

    def statements() -> int:
        with CaptureQueriesContext(connection) as made:
            assert client.get(address).status_code == 200
        return len(made)

    for number in range(2):
        desk.commit(desk.appropriation("1000", number=f"文{number}"), desk.project(f"XM{number}"), "10")
    client.get("/funds/")
    few = statements()
    for number in range(2, 8):
        desk.commit(desk.appropriation("1000", number=f"文{number}"), desk.project(f"XM{number}"), "10")

    assert statements() == few


def test_hand_made_addresses_do_no_harm(desk):
    client = browser(desk.clerk)
    desk.appropriation("100")

    for query in ("?by=x", "?year=abc", "?programme=x&source=y", "?as_of=32", "?account=x&flow=y&level=z", "?after=zz",
                  f"?batch={'9' * 40}", "?household=1'--"):
        for address in ("/funds/", "/funds/movements/", "/funds/accounts/", "/funds/appropriations/"):
            assert client.get(address + query).status_code == 200, address + query

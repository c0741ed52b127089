"""What is due, on the page: the documents' shares, what came, what is missing and late, and the clause."""
import re
from html import unescape

import pytest

from tests.factories import VILLAGE, make_household
from tests.funds.conftest import COUNTY
from tests.funds.pages import browser, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(db):
    """Three persons able to work: 60,000 yuan are due."""
    make_household(VILLAGE, 2017, serial=1, members=({}, {}, {}))


@pytest.mark.req("R124", "R136")
def test_due_received_missing_and_late_by_payer_with_the_clause(desk, people):
    desk.appropriation("20000")
    page = words(browser(desk.clerk).get("/funds/due/", {"area": COUNTY}))

    for part in ("36,000.00", "18,000.00", "3,000.00"):              # 6 : 3 : 0.5 : 0.5
        assert part in page
    assert "16,000.00" in page
    assert "20,000.00" in page
    assert "3 人 × 20,000.00 元 = 60,000.00 元" in page
    assert "三(十)23" in page
    assert "人均2万元" in page
    assert "逾期" in page
    assert "余下的几分" in page                                        # the remainder rule


def test_what_came_opens_its_movements_and_the_people_their_list(desk, people):
    desk.appropriation("20000")
    client = browser(desk.clerk)
    page = client.get("/funds/due/", {"area": COUNTY}).content.decode()
    [url] = set(re.findall(r'href="(/funds/movements/[^"]+)"', page))

    assert "20,000.00" in words(client.get(unescape(url)))
    [people_url] = set(re.findall(r'href="(/households/[^"]+)"', page)) - {"/households/"}
    assert client.get(unescape(people_url)).status_code == 200


@pytest.mark.req("R138")
def test_jianghai_has_its_own_payers(officer):
    client = browser(officer("finance", "440704000000"))
    page = client.get("/funds/due/", {"programme": "JH2016"})

    assert page.status_code == 200
    assert "江海" in words(page)


def test_an_area_without_rules_and_a_programme_elsewhere(officer, desk):
    client = browser(desk.clerk)

    assert client.get("/funds/due/", {"programme": "JH2016"}).status_code == 404
    assert client.get("/funds/due/", {"area": "440704000000"}).status_code == 404

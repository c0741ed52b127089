"""What is due, on the page: the documents' shares, what came, what is missing and late, and the clause."""
import re
from dataclasses import replace
from html import unescape

import pytest

from office.models import Area
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
    assert page.count(f'href="{url}">20,000.00<') == 4                # by payer, by level, by year, and the line itself

    assert "合计 20,000.00 元" in words(client.get(unescape(url)))
    [people_url] = set(re.findall(r'href="(/households/[^"]+)"', page)) - {"/households/"}
    assert client.get(unescape(people_url)).status_code == 200


def test_sums_of_several_that_came_open_their_lines(desk, officer):
    city = {"area": "441400000000", "on": "2017-02-01"}
    make_household(VILLAGE, 2017, serial=1, members=({}, {}, {}))
    desk = replace(desk, clerk=officer("finance", city["area"]), chief=officer("city_office", city["area"]))
    desk.appropriation("1000", number="甲", source="city", **city)
    desk.appropriation("200", number="乙", source="city", special_line="annual_extra_city", **city)
    page = browser(desk.clerk).get("/funds/due/", {"programme": "MZ2016"}).content.decode()

    assert page.count('href="#dues">1,200.00<') == 2                  # by payer and by level
    assert 'id="dues"' in page


def test_the_extra_money_opens_its_own_movements_only(desk, officer):
    city = {"area": "441400000000", "source": "city", "on": "2017-02-01"}
    desk = replace(desk, clerk=officer("finance", city["area"]), chief=officer("city_office", city["area"]))
    desk.appropriation("1000", number="甲", **city)
    desk.appropriation("200", number="乙", special_line="annual_extra_city", **city)
    client = browser(desk.clerk)
    page = client.get("/funds/due/", {"programme": "MZ2016"}).content.decode()
    urls = {unescape(url) for url in re.findall(r'href="(/funds/movements/[^"]+)"', page)}
    extra = [url for url in urls if "line=annual_extra_city" in url and "year=2017" in url]
    assert "合计 200.00 元" in words(client.get(extra[0]))


@pytest.mark.req("R138")
def test_jianghai_has_its_own_payers(officer):
    client = browser(officer("finance", "440704000000"))
    page = client.get("/funds/due/", {"programme": "JH2016"})

    assert page.status_code == 200
    assert "江海" in words(page)
    assert "应到 477.60 万元" in words(page)                          # nothing registered yet: 3 × 2 × 79.6 万
    assert "1,592,000.00" in words(page)


@pytest.mark.req("R127", "R128")
def test_jianghai_document_s_sums_stand_beside_the_register_s_and_are_not_added_twice(officer):
    village = Area.objects.filter(level="village", code__startswith="440704").first().pk
    make_household(village, 2018, serial=1, members=({},) * 3)
    page = words(browser(officer("finance", "440704000000")).get("/funds/due/", {"programme": "JH2016"}))

    assert "11,940,000.00 60,000.00 −11,880,000.00 文件按 597 人，每人计 20,000.00 元" in page
    assert "登记库 2018年 3 人，少 594 人，合 −11,880,000.00 元，相差全部由此而来" in page
    for printed in ("1,592,000.00", "796,000.00"):
        assert printed in page
    assert "每人计约 2,666.67 元" in page
    assert "每人计约 20,000.00" not in page
    assert "按 6∶4（其中 4 由县（市、区）、镇（街道）按 2∶2 再分） 分担" in page
    # The share of the district is 12,000; its yearly minimums 3 × 796,000: one sum, the larger.
    assert "县级 2,388,000.00 0.00 2,388,000.00 2,388,000.00" in page


def test_from_above_a_programme_counts_its_own_area(officer):
    make_household(VILLAGE, 2018, serial=1, members=({},) * 3)
    make_household("440704001015", 2018, serial=1, members=({},) * 3)     # in 江海, not in 梅州
    client = browser(officer("auditor", "440000000000"))
    page = words(client.get("/funds/due/", {"programme": "MZ2016"}))
    assert "应到资金 · 梅州市" in page
    assert "3 人 × 20,000.00 元 = 60,000.00 元" in page
    assert "15,000,000.00" in page
    assert "村帮扶级别 · 河源市" in words(client.get("/funds/due/villages/", {"programme": "HY2018"}))


def test_a_document_that_prints_no_sums_says_so(officer):
    client = browser(officer("finance", "441625000000"))
    first = words(client.get("/funds/due/"))
    assert "村年度财政专项资金" in first                              # the one with rules comes first
    page = words(client.get("/funds/due/", {"programme": "HY2016D"}))
    assert "没有印出投入标准、每年最低投入或按村安排的金额" in page
    assert "余下的几分" not in page
    assert "逾期" not in page                                         # no empty tables, no row of zeros


@pytest.mark.req("R129")
def test_meizhou_city_s_extra_money_has_its_three_uses(officer):
    page = words(browser(officer("finance", "441400000000")).get("/funds/due/", {"programme": "MZ2016"}))
    assert page.count("15,000,000.00") >= 6
    assert "用于市直帮扶村项目、扶贫小额贷款风险金、市级扶贫工作经费" in page


@pytest.mark.req("R126")
def test_shanwei_shows_the_document_s_twenty_hundred_million(officer):
    page = words(browser(officer("finance", "441500000000")).get("/funds/due/", {"programme": "SW2016"}))
    for printed in ("2,000,000,000.00", "1,200,000,000.00", "600,000,000.00", "200,000,000.00"):
        assert printed in page
    below = words(browser(officer("finance", "441521000000")).get("/funds/due/", {"programme": "SW2016"}))
    assert "文件印出的总额是汕尾市全域的" in below


def test_an_area_without_rules_and_a_programme_elsewhere(officer, desk):
    client = browser(desk.clerk)

    assert client.get("/funds/due/", {"programme": "JH2016"}).status_code == 404
    assert client.get("/funds/due/", {"area": "440704000000"}).status_code == 404

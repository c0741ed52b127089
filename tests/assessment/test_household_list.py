"""The household list: search, filters, order, paging, export, scope, and a number of queries that does not grow."""
import io
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment import engine
from assessment.models import Run
from assessment.register import COUNT_CAP, PAGE_SIZE
from households.models import Household, HouseholdYear
from office.models import Area, AuditEvent, Programme
from office.pinyin import initials
from tests.factories import VILLAGE, id_number, make_household, make_village

TOWN, OTHER_TOWN, COUNTY = "441424134000", "441424103000", "441424000000"
LIST = "/households/"


def assess(area: str = COUNTY, **options) -> Run:
    run = engine.prepare(programme=Programme.objects.get(pk="MZ2016"), year=options.pop("year", 2018),
                         area=Area.objects.get(pk=area), **options)
    engine.execute(run)
    run.refresh_from_db()
    return run


def person(name: str, serial: int, **facts) -> dict:
    number = id_number(serial)
    return {"name": name, "name_initials": initials(name), "id_number": number, **facts}


def named(name: str, serial: int, **facts) -> HouseholdYear:
    return make_household(serial=serial, head_name=name, head_initials=initials(name),
                          members=[person(name, serial), person("黄小燕", serial + 250)], **facts)


def shown(response) -> list[str]:
    """Heads in the order of the page."""
    return [row["cells"][0] for row in response.context["rows"]]


@pytest.fixture
def three(db):
    """Above the line, below it, and one whose housing is not known; incomes of two people each."""
    return [named("张小明", 1, wage_income=40000), named("单志强", 2, wage_income=9000, main_cause="disability"),
            named("陈伟", 3, wage_income=30000, housing_secure=None, labour_capacity=False, category="dibao")]


def test_the_list_shows_the_newest_year_with_verdict_and_what_is_missing(three, client_of):
    run = assess()
    response = client_of("county_office", COUNTY).get(LIST)

    page = response.content.decode()
    assert response.context["selection"].year == 2018
    assert response.context["selection"].run == run
    assert shown(response) == ["张小明", "单志强", "陈伟"]
    cells = [row["cells"] for row in response.context["rows"]]
    assert [row[7]["state"] for row in cells] == ["met", "not_met", "not_met"]
    assert [row[7]["sub"] for row in cells] == ["", "收入", "住房安全待核"]
    assert cells[1][5:7] == ["4,500.00", "−3,225.47"]       # 9000 ÷ 2, and 45 % × 17,167.7 = 7,725.465
    assert cells[2][6] == ""                                 # no line is asked of a household without labour capacity
    assert "7,725.47" in page
    assert "441424197" not in page                           # no ID number, not even the beginning of one


@pytest.mark.parametrize(("typed", "found"), [
    ("张小", ["张小明"]), ("黄小燕", ["张小明", "单志强", "陈伟"]), ("szq", ["单志强"]), ("HXY", ["张小明", "单志强", "陈伟"]),
    (f"{VILLAGE}0002", ["单志强"]), (f"{VILLAGE}000", ["张小明", "单志强", "陈伟"]), (f"{VILLAGE}000301", ["陈伟"]),
    ("没有此人", []), ("明", [])])
def test_search_understands_names_initials_and_numbers(three, client_of, typed, found):
    assert shown(client_of("county_office", COUNTY).get(LIST, {"q": typed})) == found


@pytest.mark.parametrize("typed", [id_number(2), id_number(2)[-6:], id_number(2).lower()])
def test_an_id_number_is_found_but_never_stands_in_an_address(three, client_of, typed):
    client = client_of("county_office", COUNTY)

    for answer in (client.post(LIST, {"q": typed, "area": TOWN}), client.get(LIST, {"q": typed, "area": TOWN})):
        assert answer.status_code == 302
        assert typed.lower() not in answer["Location"].lower()
        assert parse_qs(urlsplit(answer["Location"]).query)["area"] == [TOWN]
        page = client.get(answer["Location"])
        assert shown(page) == ["单志强"]
        assert typed not in page.content.decode()


def test_a_search_is_recorded_by_its_kind_only(three, client_of):
    client = client_of("county_office", COUNTY)
    client.post(LIST, {"q": id_number(1)}, follow=True)
    client.get(LIST, {"q": "张小明"})
    client.get(LIST)

    events = AuditEvent.objects.filter(action="查找户").order_by("sequence")
    assert [event.detail["kind"] for event in events] == ["id_number", "name"]
    assert not any(secret in str(event.detail) for event in events for secret in (id_number(1), "张小明"))


@pytest.mark.parametrize(("query", "found"), [
    ({"status": "met"}, ["张小明"]), ({"status": "not_met"}, ["单志强", "陈伟"]), ({"unmet": "income"}, ["单志强"]),
    ({"unknown": "housing"}, ["陈伟"]), ({"unknown": "any"}, ["陈伟"]), ({"unmet": "housing", "unknown": "housing"}, ["陈伟"]),
    ({"unmet": "income", "unknown": "income"}, ["单志强"]), ({"unmet": "income", "unknown": "housing"}, []),
    ({"labour": "unable"}, ["陈伟"]), ({"category": "dibao"}, ["陈伟"]),
    ({"cause": "disability"}, ["单志强"]), ({"residence": "urban"}, []), ({"status": "not_met", "labour": "able"}, ["单志强"]),
    ({"income_from": "4500", "income_to": "15000"}, ["单志强"]), ({"income_to": "4500"}, []),
    ({"sort": "-no"}, ["陈伟", "单志强", "张小明"]), ({"sort": "name"}, ["陈伟", "单志强", "张小明"]),
    ({"sort": "income"}, ["单志强", "陈伟", "张小明"]), ({"sort": "-gap"}, ["张小明", "陈伟", "单志强"]),
    ({"status": "nonsense", "sort": "nonsense"}, ["张小明", "单志强", "陈伟"])])
def test_filters_and_order_stand_in_the_address(three, client_of, query, found):
    assess()

    response = client_of("county_office", COUNTY).get(LIST, query)

    assert shown(response) == found
    if found:
        assert response.context["total"].households == len(found)


@pytest.mark.req("R007")
def test_households_in_poor_villages_and_scattered_ones_are_told_apart(client_of):
    other = Area.objects.filter(level="village", parent_id=OTHER_TOWN).first().code
    make_village(VILLAGE, poor=True, income=9000)
    named("村内户", 1)
    make_household(other, serial=1, head_name="分散户")
    client = client_of("county_office", COUNTY)

    for _ in ("from the register", "from the run"):
        assert shown(client.get(LIST, {"place": "poor_village"})) == ["村内户"]
        assert shown(client.get(LIST, {"place": "scattered"})) == ["分散户"]
        run = assess()
        assert shown(client.get(LIST, {"place": "scattered", "run": run.pk})) == ["分散户"]


def test_a_pinned_run_shows_what_it_found_then(three, client_of):
    first = assess()
    HouseholdYear.objects.filter(head_name="单志强").update(wage_income=80000)
    second = assess()
    client = client_of("county_office", COUNTY)

    assert shown(client.get(LIST, {"status": "met"})) == ["张小明", "单志强"]
    assert client.get(LIST).context["selection"].run == second
    assert shown(client.get(LIST, {"status": "met", "run": first.pk})) == ["张小明"]
    assert client.get(LIST, {"run": 999999}).status_code == 404


@pytest.mark.parametrize("sort", ["no", "-no", "name", "-name", "income", "-gap"])
def test_pages_follow_each_other_forth_and_back(client_of, sort):
    count = 2 * PAGE_SIZE + 7
    for serial in range(1, count + 1):     # many equal names and incomes, so that the tie-break matters
        make_household(serial=serial, head_name="陈伟" if serial % 3 else "单强", head_initials="cw" if serial % 3 else "sq",
                       wage_income=1000 * (serial % 4), members=[{"id_number": id_number(serial)}])
    assess()
    client = client_of("county_office", COUNTY)

    pages, query = [], {"sort": sort}
    while True:
        response = client.get(LIST, query)
        pages.append([row["cells"][1] for row in response.context["rows"]])
        if not response.context["page"]["next"]:
            break
        query = {"sort": sort, "after": response.context["page"]["next"]}

    assert [len(page) for page in pages] == [PAGE_SIZE, PAGE_SIZE, 7]
    assert len({no for page in pages for no in page}) == count
    back = client.get(LIST, {"sort": sort, "before": response.context["page"]["previous"]})
    assert [row["cells"][1] for row in back.context["rows"]] == pages[1]
    assert back.context["page"]["next"]


def test_totals_come_from_the_run_or_stop_counting(three, client_of, monkeypatch):
    client = client_of("county_office", COUNTY)
    monkeypatch.setattr("assessment.register.COUNT_CAP", 2)
    assert "2 户以上" in client.get(LIST).content.decode()
    assess()

    assert client.get(LIST).context["total"].households == 3
    assert client.get(LIST, {"status": "not_met"}).context["total"].households == 2
    capped = client.get(LIST, {"cause": "illness", "status": "not_met"}).context["total"]
    assert (capped.households, capped.exact) == (1, True)
    assert COUNT_CAP == 1000


@pytest.mark.req("R331")
def test_only_the_own_area_is_seen(three, client_of):
    client = client_of("town_clerk", OTHER_TOWN)

    response = client.get(LIST)
    assert response.context["selection"] is None
    assert "还没有户数据" in response.content.decode()
    assert client.get(LIST, {"area": TOWN}).status_code == 404
    assert client.get(LIST, {"area": COUNTY}).status_code == 404
    village = client_of("village_worker", VILLAGE).get(LIST)
    assert shown(village) == ["张小明", "单志强", "陈伟"]
    for administrator in ("system_admin", "security_admin", "audit_admin"):
        assert client_of(administrator, COUNTY).get(LIST).status_code == 403


def test_an_empty_list_says_what_to_do(three, client_of):
    client = client_of("county_office", COUNTY)

    assert "清除条件" in client.get(LIST, {"q": "没有此人"}).content.decode()
    assert "还没有考核结果" in client.get(LIST, {"status": "met"}).content.decode()
    assert "没有户数据" in client.get(LIST, {"year": 2016}).content.decode()


@pytest.mark.req("R335")
def test_the_export_is_the_list_masked_and_recorded(three, client_of):
    assess()
    client = client_of("auditor", COUNTY)
    query = {"status": "not_met", "sort": "-no"}

    response = client.get(reverse("assessment:household_list_export"), query)
    content = b"".join(response.streaming_content)
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert [row[1] for row in rows[3:]] == shown(client.get(LIST, query)) == ["陈伟", "单志强"]
    assert rows[3][10] is None                               # as on the page: not held against the line
    assert rows[4][9:13] == [4500, -3225.47, "未达标", "收入"]
    assert not any(id_number(serial) in str(rows) for serial in (1, 2, 3))
    event = AuditEvent.objects.get(action="导出户列表")
    assert event.detail["rows"] == 2
    assert client_of("village_worker", VILLAGE).get(reverse("assessment:household_list_export")).status_code == 403


def test_queries_do_not_grow_with_the_households(client_of):
    client = client_of("county_office", COUNTY)
    counts = {}
    for upto in (5, 50):
        for serial in range(Household.objects.count() + 1, upto + 1):
            make_household(serial=serial, head_initials="cw", members=[{"id_number": id_number(serial)}] * 1)
        assess()
        for query in ({}, {"status": "not_met", "sort": "gap"}, {"q": "cw"}, {"sort": "name", "cause": "illness"}):
            client.get(LIST, query)
            with CaptureQueriesContext(connection) as queries:
                assert len(shown(client.get(LIST, query))) in (0, upto)
            counts.setdefault(str(query), set()).add(len(queries))

    assert all(len(numbers) == 1 for numbers in counts.values()), counts
    assert max(max(numbers) for numbers in counts.values()) <= 20

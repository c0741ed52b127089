"""The tree of areas and the page of a village."""
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessment import engine
from office.models import Area, Programme
from tests.factories import VILLAGE, id_number, make_household, make_village

TOWN, OTHER_TOWN, COUNTY = "441424134000", "441424103000", "441424000000"
TREE = "/villages/"


def assess(**options):
    run = engine.prepare(programme=Programme.objects.get(pk="MZ2016"), year=2018, area=Area.objects.get(pk=COUNTY), **options)
    engine.execute(run)
    return run


@pytest.fixture
def village(db):
    make_village(VILLAGE, year=2017, income=9000, collective_income=30000)
    make_village(VILLAGE, income=10300, collective_income=50000, has_bus=None)
    for serial, wage in ((1, 40000), (2, 3000), (3, 2000)):
        make_household(serial=serial, wage_income=wage, main_cause="illness" if serial < 3 else "disability",
                       members=[{"id_number": id_number(serial)}, {"id_number": id_number(serial + 100)}])
    return reverse("assessment:village", args=[VILLAGE])


@pytest.mark.req("R253")
def test_the_village_is_explained_against_its_line(village, client_of):
    assess(), assess(basis="forecast")

    response = client_of("town_clerk", TOWN).get(village)
    page = response.content.decode()

    assert [verdict.result.met for verdict in response.context["verdicts"]] == [False, True]
    for words in ("相对贫困村", "10,300.00 元", "10,300.62 元", "17167.7 元 × 60%", "9,820.00 元", "梅市发〔2016〕5号",
                  "50,000.00"):
        assert words in page, words


def test_counts_of_the_village_open_their_households(village, client_of):
    run = assess()
    client = client_of("town_clerk", TOWN)

    context = client.get(village).context
    figures = {figure["label"]: figure for figure in context["figures"]}
    assert {label: figure["value"] for label, figure in figures.items()} == {
        "户数": 3, "在册人口": 6, "达标户": 1, "未达标户": 2}
    assert client.get(figures["未达标户"]["url"]).context["total"].households == 2
    assert client.get(figures["达标户"]["url"]).context["selection"].run == run
    assert [(cause["label"], cause["value"]) for cause in context["causes"]] == [("因病", 2), ("因残", 1)]
    assert client.get(context["causes"][0]["url"]).context["total"].households == 2
    assert [(point["key"], point["not_met"]) for point in context["points"]] == [("income", 2)]


def test_a_village_without_run_or_facts_says_so(client_of):
    client = client_of("town_clerk", TOWN)
    address = reverse("assessment:village", args=[VILLAGE])
    assert "还没有这个村的数据" in client.get(address).content.decode()
    make_village(VILLAGE, poor=False)

    page = client.get(address).content.decode()

    assert "尚未考核" in page
    assert "不按村的收入标准考核" in page


def test_the_tree_opens_down_to_the_villages_with_counts(village, client_of):
    assess()
    client = client_of("county_office", COUNTY)

    rows = {item["row"].area.code: item for item in client.get(TREE).context["rows"]}
    assert rows[COUNTY]["row"].households == 3
    assert rows[TOWN]["row"].summary.households_met == 1
    assert rows[OTHER_TOWN]["row"].households == 0
    assert VILLAGE not in rows
    opened = client.get(rows[TOWN]["url"])
    rows = {item["row"].area.code: item for item in opened.context["rows"]}
    assert rows[VILLAGE]["row"].depth == 2
    assert rows[VILLAGE]["url"].startswith(reverse("assessment:village", args=[VILLAGE]))
    assert client.get(rows[TOWN]["list_url"]).context["total"].households == 3


def test_the_tree_counts_the_register_where_no_run_has(village, client_of):
    rows = {item["row"].area.code: item["row"] for item in client_of("county_office", COUNTY).get(TREE).context["rows"]}

    assert (rows[COUNTY].households, rows[TOWN].households, rows[COUNTY].summary) == (3, 3, None)


def test_a_place_is_found_by_name_within_the_scope_only(village, client_of):
    name = Area.objects.get(pk=TOWN).name
    found = client_of("county_office", COUNTY).get(TREE, {"q": name[:2]}).context["rows"]
    assert TOWN in [item["row"].area.code for item in found]
    other = Area.objects.get(pk=OTHER_TOWN).name
    assert "没有这个名称" in client_of("town_clerk", TOWN).get(TREE, {"q": other}).content.decode()


@pytest.mark.req("R331")
def test_another_town_finds_neither_village_nor_branch(village, client_of):
    client = client_of("town_clerk", OTHER_TOWN)
    assert client.get(village).status_code == 404
    assert client.get(TREE, {"open": TOWN}).status_code == 404
    assert client.get(reverse("assessment:village", args=[OTHER_TOWN])).status_code == 404      # a town is no village
    assert client_of("security_admin", COUNTY).get(TREE).status_code == 403


def test_queries_do_not_grow(village, client_of):
    client = client_of("county_office", COUNTY)
    counts = {TREE: set(), village: set()}
    for upto in (5, 50):
        for serial in range(200 + upto, 200 + 2 * upto):
            make_household(serial=serial, members=[{"id_number": id_number(serial)}])
        for other in Area.objects.filter(level="village", parent_id=OTHER_TOWN)[upto // 10:upto // 10 + 3]:
            make_village(other.code, income=8000)
        assess()
        for address in counts:
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            counts[address].add(len(queries))

    assert all(len(numbers) == 1 for numbers in counts.values()), counts

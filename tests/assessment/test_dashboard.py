"""The home page of an area and the page of a run: every figure of households opens a list of exactly so many."""
import re

import pytest
from django.urls import reverse

from assessment import engine
from office.models import Programme
from tests.factories import make_household, make_village

TOWN = "441424134000"
POOR, OTHER = "441424134001", "441424134002"


@pytest.fixture
def run(db):
    """Six households: met, below the line, housing lacking, housing unknown, food unknown and housing lacking, without labour."""
    make_village(POOR, poor=True, income=12000)
    for serial, facts in enumerate((
            {"wage_income": 40000}, {"wage_income": 900, "main_cause": "disability"},
            {"wage_income": 40000, "housing_secure": False},
            {"wage_income": 40000, "housing_secure": None}, {"wage_income": 40000, "housing_secure": False, "food_secure": None},
            {"labour_capacity": False, "category": "ordinary"}), start=1):
        make_household(POOR if serial % 2 else OTHER, serial=serial, members=[{}], **facts)
    found = engine.prepare(programme=Programme.objects.get(pk="MZ2016"), year=2018)
    engine.execute(found)
    return found


def listed(client, url: str) -> int:
    return client.get(url).context["total"].households


@pytest.mark.req("R293")
def test_every_figure_of_the_home_page_opens_its_list(run, client_of):
    client = client_of("town_clerk", TOWN)
    board = client.get("/").context["board"]

    unmet = {row["label"]: row for row in board.unmet}
    assert unmet["住房安全"]["value"] == 3
    for row in (*board.unmet, *board.causes, *(band for band in board.bands if band["value"])):
        assert listed(client, row["url"]) == row["value"], row["label"]
    for group in board.groups:
        assert listed(client, group["url"]) == group["households"]
        assert listed(client, group["met_url"]) == group["households_met"]
    kpis = {kpi["label"]: kpi for kpi in board.kpis}
    for label in ("在册户", "达标户", "未达标户"):
        assert str(listed(client, kpis[label]["url"])) == kpis[label]["value"]
    assert kpis["待核事项"]["value"] == "3"
    assert listed(client, kpis["待核事项"]["url"]) == 3     # the household on no dibao list is one of them


@pytest.mark.req("R293")
def test_the_figures_of_a_run_open_their_lists(run, client_of):
    client = client_of("town_clerk", TOWN)
    page = client.get(reverse("assessment:run", args=[run.pk])).content.decode()

    links = re.findall(r'<a href="(/households/[^"]*)">([\d,]+)</a>', page)
    assert len(links) >= 8
    by_person = {"6", "1", "5"}     # one person each: figures of persons and of households are the same here
    assert by_person <= {figure for _, figure in links}
    for url, figure in links:
        assert listed(client, url.replace("&amp;", "&")) == int(figure), url

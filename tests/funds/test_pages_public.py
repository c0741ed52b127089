"""The page that is published for everybody: totals, and nothing about a person."""
import pytest
from django.test import Client

from tests.factories import VILLAGE
from tests.funds.conftest import COUNTY, TOWN
from tests.funds.pages import households, paid, words

pytestmark = pytest.mark.django_db


@pytest.mark.req("R149")
def test_totals_by_document_year_and_project_without_a_login(desk):
    account = desk.appropriation("1000000")
    bound = desk.commit(account, desk.project(person_responsible="陈负责"), "300000")
    desk.pay(bound, "120000")

    page = Client().get(f"/public/funds/{COUNTY}/")

    assert page.status_code == 200
    for expected in ("1,000,000.00", "300,000.00", "120,000.00", "油茶种植", "村经济合作社", "12317"):
        assert expected in words(page)


@pytest.mark.req("R149")
def test_it_names_no_person(desk):
    account = desk.appropriation("1000000")
    desk.project(person_responsible="陈负责")
    households(1, 2)
    batch = paid(desk, account)
    text = words(Client().get(f"/public/funds/{COUNTY}/"))

    assert "1,600.00" in text
    line = batch.lines.first()
    for private in ("陈1户", "陈负责", "财政经办", "扶贫办复核", line.household_id, line.card_tail):
        assert private not in text


def test_a_place_without_money_or_of_another_level_has_none(desk):
    desk.appropriation("1000")

    for code in (TOWN, VILLAGE, "abc"):
        assert Client().get(f"/public/funds/{code}/").status_code == 404


def test_the_number_of_statements_does_not_grow(desk, django_assert_max_num_queries):
    account = desk.appropriation("1000000")
    for number in range(6):
        desk.commit(account, desk.project(f"XM{number}"), "1000")

    with django_assert_max_num_queries(25):
        Client().get(f"/public/funds/{COUNTY}/")

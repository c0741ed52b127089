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


@pytest.mark.req("R149")
def test_a_project_of_one_household_and_one_carried_out_by_a_person_name_nobody(desk):
    account = desk.appropriation("1000000")
    desk.commit(account, desk.project("441424134001-陈志强", name="陈志强户危房改造", households=1), "1000")
    desk.commit(account, desk.project("XM2", name="道路维护", implementer="李四清", households=40), "1000")
    desk.pay(desk.commit(account, desk.project("XM3", name="鱼苗", households=12), "1000"), "500", note="付给王五")

    text = words(Client().get(f"/public/funds/{COUNTY}/"))

    for private in ("陈志强", "李四清", "王五", "财政经办"):
        assert private not in text
    for shown in ("产业到户项目", "道路维护", "个人", "村经济合作社"):
        assert shown in text


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

"""The read-only API: scoped like the pages, masked, described by its schema."""
import pytest
from django.test import Client

from assessment import engine
from office.models import Area, AuditEvent, Programme
from tests.factories import VILLAGE, id_number, make_household

TOWN, OTHER_TOWN, COUNTY = "441424134000", "441424103000", "441424000000"


@pytest.fixture
def household(db):
    make_household(serial=2, wage_income=40000, members=[{"id_number": id_number(2)}])
    return make_household(serial=1, wage_income=3000, phone="13800001234", bank_card="6228480012345678901",
                          members=[{"id_number": id_number(1), "phone": "13911112222"}])


@pytest.fixture
def run(household):
    run = engine.prepare(programme=Programme.objects.get(pk="MZ2016"), year=2018, area=Area.objects.get(pk=COUNTY))
    engine.execute(run)
    return run


def test_the_list_filters_and_pages_as_the_page_does(run, client_of):
    client = client_of("town_clerk", TOWN)

    answer = client.get("/api/households/", {"size": 1}).json()
    assert (answer["run"], answer["total"], answer["total_is_exact"]) == (run.pk, 2, True)
    assert [row["no"] for row in answer["households"]] == [f"{VILLAGE}0001"]
    rest = client.get("/api/households/", {"size": 1, "after": answer["next"]}).json()
    assert [row["no"] for row in rest["households"]] == [f"{VILLAGE}0002"]
    assert rest["next"] == ""
    unmet = client.get("/api/households/", {"status": "not_met"}).json()["households"]
    assert [(row["no"], row["income"], row["problems"]) for row in unmet] == [
        (f"{VILLAGE}0001", "3000.00", {"income": "not_met"})]


def test_a_household_is_masked_and_the_look_recorded(run, household, client_of):
    answer = client_of("town_clerk", TOWN).get(f"/api/households/{household.household_id}/")

    content = answer.content.decode()
    for secret in (id_number(1), "13800001234", "13911112222", "6228480012345678901"):
        assert secret not in content
    body = answer.json()
    assert body["phone"] == "138****1234"
    assert body["members"][0]["id_number"].startswith("441424********")
    assert body["verdicts"][0]["line"] == "7725.47"
    assert body["verdicts"][0]["criteria"]["income"] == "not_met"
    assert AuditEvent.objects.get(action="查看户").detail == {"year": 2018, "api": True}


def test_an_id_number_is_refused_in_an_address(household, client_of):
    answer = client_of("town_clerk", TOWN).get("/api/households/", {"q": id_number(1)})

    assert answer.status_code == 400
    assert id_number(1) not in answer.content.decode()


def test_runs_and_summaries_are_cut_to_the_own_area(run, client_of):
    client = client_of("town_clerk", TOWN)

    assert [one["id"] for one in client.get("/api/runs/").json()] == [run.pk]
    assert client.get(f"/api/runs/{run.pk}/").json()["numbers"][0]["statistic_value"] == "17167.7"
    areas = [one["area"] for one in client.get("/api/summaries/", {"run": run.pk}).json()]
    assert set(areas) == {TOWN, VILLAGE}
    assert client.get("/api/summaries/").status_code == 400
    assert client.get("/api/summaries/", {"run": 999999}).status_code == 404


def test_scope_and_role_hold_as_on_the_pages(household, client_of):
    other = client_of("town_clerk", OTHER_TOWN)
    assert other.get(f"/api/households/{household.household_id}/").status_code == 404
    assert other.get("/api/households/").json()["households"] == []
    assert other.get("/api/households/", {"area": TOWN}).status_code == 404
    for address in ("/api/households/", "/api/runs/", "/api/summaries/"):
        assert client_of("audit_admin", COUNTY).get(address).status_code == 403
        assert Client().get(address).status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(household, client_of, method):
    client = client_of("county_office", COUNTY)
    assert getattr(client, method)(f"/api/households/{household.household_id}/").status_code == 405
    assert getattr(client, method)("/api/runs/").status_code == 405


def test_the_schema_describes_every_address(client_of):
    answer = client_of("town_clerk", TOWN).get("/api/schema/", headers={"accept": "application/json"})

    assert set(answer.json()["paths"]) >= {"/api/households/", "/api/households/{no}/", "/api/runs/", "/api/runs/{id}/",
                                           "/api/summaries/"}
    assert Client().get("/api/schema/").status_code == 403

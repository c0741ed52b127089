"""Who reads a bulletin: the own area always, the places below once it is issued."""
import datetime

import pytest

from assessment import engine
from assessment.bulletin.actions import issue, keep, make
from assessment.models import Bulletin
from office.models import Area, Programme
from tests.factories import VILLAGE, make_household

TOWN, COUNTY = "441424134000", "441424000000"


@pytest.mark.req("R302", "R306")
def test_a_town_reads_its_countys_issued_bulletin_without_links_into_other_towns(client_of, officer):
    make_household(VILLAGE, wage_income=9000)
    county = Area.objects.get(pk=COUNTY)
    run = engine.prepare(programme=Programme.objects.get(pk="MZ2016"), year=2018, area=county)
    engine.execute(run)
    run.refresh_from_db()
    clerk, office = client_of("town_clerk", TOWN), officer("county_office", COUNTY)
    bulletin = keep(make(run, county, "2018Q3"), by=office)
    address = f"/bulletins/{bulletin.pk}/"

    assert clerk.get(address).status_code == 404

    issue(bulletin, number="五扶办〔2019〕3号", on=datetime.date(2019, 3, 7), by=office)
    page = clerk.get(address)

    assert page.status_code == 200
    assert "/households/?" not in page.content.decode()
    assert Bulletin.objects.visible_to(clerk.officer).count() == 1
    assert client_of("town_clerk", "441422100000").get(address).status_code == 404

"""The project library: applied for by one, entered by another, its course noted, its money shown."""
import pytest

from funds.models import Project
from office.models import AuditEvent
from tests.factories import VILLAGE
from tests.funds.conftest import TOWN, USES, fresh
from tests.funds.pages import browser, told, words

pytestmark = pytest.mark.django_db
APPLICATION = {
    "number": "WH2017001", "name": "油茶种植基地", "programme": "MZ2016", "area": VILLAGE, "year": "2017", "category": "产业",
    "sub_category": "", "use": USES[0], "construction": "new", "in_poor_village": "on", "implementer": "村经济合作社",
    "person_responsible": "", "assisting_unit": "", "content": "油茶120亩", "planned_fiscal": "120,000.50", "planned_own": "",
    "planned_social": "0", "planned_start": "2017-04-01", "planned_end": "2017-12-31", "villages": "1", "households": "20",
    "persons": "70", "poor_households": "18", "poor_persons": "60", "mechanism": "", "expected_income": "",
    "seen": ""}


@pytest.fixture
def clerk(desk):
    return browser(desk.clerk)


@pytest.fixture
def chief(desk):
    return browser(desk.chief)


@pytest.mark.req("R139", "R145")
def test_applied_for_entered_by_another_person_and_gone_on(desk, clerk, chief):
    page = clerk.post("/funds/projects/new/", APPLICATION, follow=True)
    project = Project.objects.get()
    assert (project.planned_total, project.state) == (project.planned_fiscal, "proposed")
    assert "须由另一人审定入库" in words(page)
    assert clerk.post(f"/funds/projects/{project.pk}/enter/").status_code == 403

    sentence = words(chief.get(f"/funds/projects/{project.pk}/"))
    assert "计划投资 120,000.50 元" in sentence
    assert "20 户 70 人" in sentence
    for _ in range(2):                                          # a second click changes nothing
        chief.post(f"/funds/projects/{project.pk}/enter/")
    project = fresh(project)
    assert (project.state, project.approved_by) == ("entered", desk.chief)

    seen = project.history.first().pk
    course = {"state": "under_way", "progress": "40", "settlement_price": "118000", "actual_income": "",
              "actual_start": "2017-04-05", "actual_end": "", "accepted_on": "", "acceptance": "",
              "asset_owner": "", "handed_over_on": "", "rating": "", "acceptance_number": "", "score": "",
              "rated_on": "", "seen": seen}
    clerk.post(f"/funds/projects/{project.pk}/edit/", course)
    text = words(clerk.get(f"/funds/projects/{project.pk}/"))
    assert "实施中" in text
    assert "40%" in text
    assert "118,000.00" in text
    assert "项目入库 扶贫办复核" in text                          # who did which step

    accepted = course | {"state": "accepted", "seen": fresh(project).history.first().pk}
    late = clerk.post(f"/funds/projects/{project.pk}/edit/", accepted)
    assert late.status_code == 422
    assert "已验收的项目须填验收日期" in words(late)


@pytest.mark.parametrize(("field", "value", "sentence"), [
    ("planned_fiscal", "1.234", "小数超过两位"), ("planned_fiscal", "-1", "金额不能小于零"), ("name", "", "必填"),
    ("planned_end", "2017-01-01", "计划完工不能早于计划开工"), ("poor_households", "21", "贫困户不能多于受益户"),
    ("area", "441422000000", "不在您申报项目的区域内"),
    ("area", "没有这个村", "没有这个区域")])
def test_what_is_wrong_with_an_application_is_said(clerk, desk, field, value, sentence):
    page = clerk.post("/funds/projects/new/", APPLICATION | {field: value})

    assert page.status_code == 422
    assert sentence in words(page)
    assert not Project.objects.exists()


def test_a_number_is_taken_once(clerk, desk):
    desk.project("WH2017001")
    page = clerk.post("/funds/projects/new/", APPLICATION)

    assert page.status_code == 422
    assert Project.objects.count() == 1


def test_who_changed_it_meanwhile_is_said_before_anything_is_written_over(desk, clerk, officer):
    project = desk.project(entered_on=None)
    opened = APPLICATION | {"number": project.number, "seen": project.history.first().pk}
    project.implementer = "另一单位"
    project.save()

    page = clerk.post(f"/funds/projects/{project.pk}/edit/", opened)
    assert page.status_code == 422
    assert "修改过这个项目" in words(page)
    assert fresh(project).implementer == "另一单位"
    clerk.post(f"/funds/projects/{project.pk}/edit/", opened | {"seen": fresh(project).history.first().pk})
    assert fresh(project).implementer == "村经济合作社"


def test_a_project_with_money_stays_in_the_library(desk, chief):
    project, idle = desk.project("A"), desk.project("B")
    desk.commit(desk.appropriation("100"), project, "50")

    assert "已有资金往来" in told(chief.post(f"/funds/projects/{project.pk}/remove/", {"reason": "取消"}))
    assert "请写明原因" in told(chief.post(f"/funds/projects/{idle.pk}/remove/", {"reason": ""}))
    chief.post(f"/funds/projects/{idle.pk}/remove/", {"reason": "村民会议不同意"})
    assert (fresh(project).state, fresh(idle).state) == ("entered", "removed")


def test_the_list_is_filtered(desk, clerk):
    desk.project("A1", name="油茶种植"), desk.project("B1", name="光伏发电", entered_on=None)

    assert "光伏发电" not in words(clerk.get("/funds/projects/", {"q": "A1"}))
    assert "油茶种植" not in words(clerk.get("/funds/projects/", {"state": "proposed"}))
    assert "没有符合条件的项目" in words(clerk.get("/funds/projects/", {"year": "2014"}))


def test_places_are_suggested_from_the_own_area_only(clerk, desk):
    suggested = clerk.get("/funds/projects/places/", {"area": "水寨"}).content.decode()

    assert "441424134000 水寨镇" in suggested
    assert "4414240" not in clerk.get("/funds/projects/places/", {"area": "441422"}).content.decode()
    assert "<option" not in clerk.get("/funds/projects/places/", {"area": ""}).content.decode()


@pytest.mark.req("R142")
def test_a_township_applies_its_leader_reviews_and_the_county_decides(desk, clerk, chief, client_of):
    applicant, leader = client_of("town_clerk", TOWN), client_of("town_leader", TOWN)
    page = applicant.post("/funds/projects/new/", APPLICATION, follow=True)
    project = Project.objects.get()
    address = f"/funds/projects/{project.pk}/"
    assert "先由镇分管领导审核，再由县审定入库" in words(page)
    assert "data-dialog-open=\"enter\"" not in chief.get(address).content.decode()
    assert "须先由镇分管领导审核" in told(chief.post(f"{address}enter/"))
    assert fresh(project).entered_on is None
    assert applicant.post(f"{address}review/").status_code == 403

    for _ in range(2):                                          # a second click changes nothing
        assert "已审核" in told(leader.post(f"{address}review/"))
    assert (fresh(project).state, AuditEvent.objects.filter(action="镇级审核项目").count()) == ("reviewed", 1)
    applicant.post(f"{address}edit/", APPLICATION | {"planned_fiscal": "1", "seen": fresh(project).history.first().pk})
    assert fresh(project).state == "proposed"                   # what was reviewed no longer stands there
    leader.post(f"{address}review/")
    chief.post(f"{address}enter/")

    assert (fresh(project).state, fresh(project).approved_by) == ("entered", desk.chief)
    assert applicant.get(f"{address}edit/").status_code == 403   # its course is noted by who records money
    assert clerk.get(f"{address}edit/").status_code == 200


@pytest.mark.req("R142")
def test_a_township_applies_for_its_own_villages_only_and_province_and_city_only_watch(desk, client_of):
    neighbour = client_of("town_clerk", "441424103000")
    page = neighbour.post("/funds/projects/new/", APPLICATION)
    assert "不在您申报项目的区域内" in words(page)
    assert "水寨" not in words(neighbour.get("/funds/projects/places/", {"area": "水寨"}))
    assert not Project.objects.exists()
    county = desk.project(entered_on=None)                       # applied for by the county's finance
    assert client_of("town_clerk", TOWN).get(f"/funds/projects/{county.pk}/edit/").status_code == 403
    for role, area in (("auditor", "440000000000"), ("city_office", "441400000000"), ("village_worker", VILLAGE),
                       ("town_leader", TOWN)):
        assert client_of(role, area).post("/funds/projects/new/", APPLICATION).status_code == 403, role
    assert Project.objects.count() == 1

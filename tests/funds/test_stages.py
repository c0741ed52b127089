"""Where projects stand and since when, and where money takes longest from its allocation to the first payment."""
import io

import openpyxl
import pytest
from django.utils import timezone

from funds import actions, stages
from funds.places import View
from office.models import Area
from tests.funds.conftest import COUNTY, TOWN, day, fresh
from tests.funds.pages import browser, words

pytestmark = pytest.mark.django_db
ON = day("2018-06-01")
LIST = "/funds/supervision/stages/"


def view(desk, **asked) -> View:
    return View(desk.clerk, Area.objects.get(pk=COUNTY), **asked)


def course(desk, number="XM001"):
    return next(one for one in stages.courses(view(desk), ON) if one.project.number == number)


def reach(project, **facts):
    for name, value in facts.items():
        setattr(project, name, value)
    project.save()


@pytest.mark.req("R145")
def test_a_project_goes_from_the_library_to_its_evaluation(desk):
    project = desk.project()
    assert (course(desk).stage, course(desk).standing, course(desk).waits_for) == ("entered", 453, "bound")

    bound = desk.commit(desk.appropriation("1000"), project, "500")
    assert (course(desk).stage, course(desk).since) == ("bound", day("2017-04-01"))
    reach(project, actual_start=day("2017-04-20"))
    assert course(desk).stage == "started"
    desk.pay(bound, "100")
    assert (course(desk).stage, course(desk).between("bound", "paid"), course(desk).between("bound", "started")) == (
        "paid", 30, 19)
    reach(project, actual_end=day("2017-11-01"))
    assert (course(desk).stage, course(desk).unaccepted) == ("finished", 212)
    reach(project, accepted_on=day("2017-12-01"), acceptance="合格", acceptance_number="验1号")
    assert (course(desk).waits_for, course(desk).unaccepted) == ("rated", None)
    reach(project, rated_on=day("2017-12-20"), rating="良好", score=86)
    assert (course(desk).stage, course(desk).waits_for) == ("rated", "")


@pytest.mark.req("R145", "R150")
def test_the_longest_standing_comes_first_and_a_complete_one_last(desk):
    desk.project("NEW", entered_on="2018-05-01"), desk.project("OLD", entered_on="2017-01-01")
    reach(desk.project("DONE", entered_on="2016-01-01"), rated_on=day("2016-12-01"))

    assert [one.project.number for one in stages.courses(view(desk), ON)] == ["OLD", "NEW", "DONE"]


def test_an_undone_payment_reaches_nothing(desk):
    project = desk.project()
    bound = desk.commit(desk.appropriation("1000"), project, "500")
    paid = desk.pay(bound, "100")
    desk.approve(actions.record_reversal(desk.clerk, movement=paid, on=day("2017-05-02"), reason="付错"))

    assert course(desk).stage == "bound"


@pytest.mark.req("R145")
@pytest.mark.parametrize(("ended", "late"), [("2018-03-03", []), ("2018-03-02", ["XM001"])])
def test_completed_and_not_accepted_for_more_than_ninety_days(desk, ended, late):
    reach(desk.project(), actual_end=day(ended))          # 90 and 91 days before

    assert [one.project.number for one in stages.overdue(stages.courses(view(desk), ON))] == late


@pytest.mark.req("R150")
def test_the_slowest_place_comes_first(desk, django_assert_num_queries):
    account = desk.appropriation("10000")
    for number, area, paid_on in (("A", "441424134001", "2017-04-11"), ("B", "441424134001", "2017-05-01"),
                                  ("C", "441424103001", "2017-07-10"), ("D", "441424103001", None)):
        bound = desk.commit(fresh(account), desk.project(number, area=area), "500")
        if paid_on:
            desk.pay(bound, "100", on=paid_on)
    asked = view(desk)
    assert asked.officer.scope
    with django_assert_num_queries(2):
        found = stages.courses(asked, ON)
        made = stages.paces(asked, found)

    assert [(one.code, one.to_payment, one.unpaid, one.unstarted) for one in made] == [
        ("441424103000", 100, 1, 2), (TOWN, 20, 0, 2)]


@pytest.mark.req("R145", "R150")
def test_the_page_and_its_workbook(desk):
    reach(desk.project("A", name="油茶基地"), actual_start=day("2017-04-20"), actual_end=day("2017-06-01"))
    desk.project("B", name="光伏电站", entered_on=str(timezone.localdate()))
    chief = browser(desk.chief)
    page = words(chief.get(LIST))
    assert page.index("油茶基地") < page.index("光伏电站")
    assert "完工90天未验收 1" in page
    assert "通行做法，未见原文" in page
    assert "光伏电站" not in words(chief.get(LIST, {"show": "unaccepted"}))
    assert "油茶基地" not in words(chief.get(LIST, {"q": "光伏"}))

    answer = chief.get(f"{LIST}export/", {"show": "unaccepted"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[2][:4] == ("项目", "项目编码", "地点", "现处阶段")
    assert [row[1] for row in rows[3:]] == ["A"]

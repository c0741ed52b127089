"""What must be public about the money: three things of every project, and how a county divided a document's money."""
import datetime
import io

import openpyxl
import pytest
from django.utils import timezone

from funds import actions, oversight, publicity
from funds.ledger import Refused
from funds.models import Publication
from funds.places import View
from funds.publications import spans
from office.models import Area
from tests.funds.conftest import COUNTY, TOWN, day, fresh
from tests.funds.pages import browser, told, words

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


def view(desk, area=COUNTY, **asked) -> View:
    return View(desk.clerk, Area.objects.get(pk=area), **asked)


def states(desk, what: str, **asked) -> dict:
    rows = publicity.due(view(desk, **asked), what, TODAY)
    return {row.pk if what == "allocation" else row.number: row.publicity for row in rows}


def notice(desk, project, what="project", *, start=30, days=10, channel="board", **facts) -> Publication:
    end = None if days is None else ago(start) + datetime.timedelta(days=days)
    made = Publication(project=project, what=what, channel=channel, place="公告栏", from_on=ago(start), to_on=end,
                       evidence="照片1", **facts)
    return oversight.publish(made, desk.clerk)


@pytest.mark.req("R148")
def test_each_of_the_three_is_due_when_it_exists_and_open_until_it_was_public(desk):
    project = desk.project("A", entered_on="2017-03-05")
    assert states(desk, "project") == {"A": "missing"}
    assert states(desk, "funds") == states(desk, "effect") == {}

    desk.commit(desk.appropriation("1000"), project, "500")
    project.actual_start, project.actual_end = day("2017-05-01"), day("2017-09-01")
    project.save()
    assert states(desk, "funds") == states(desk, "effect") == {"A": "missing"}

    for what in ("project", "funds", "effect"):
        notice(desk, project, what)
        assert states(desk, what) == {"A": "published"}
    assert spans([project.pk])[project.pk]["effect"] == f"{ago(30)}至{ago(20)}"


@pytest.mark.req("R148", "R149")
@pytest.mark.parametrize(("start", "days", "channel", "state"), [
    (30, 10, "board", "published"), (30, 9, "board", "short"), (30, 10, "site", "published"), (30, None, "website", "short"),
    (4, 10, "board", "running"), (4, 3, "board", "short"), (30, None, "board", "published"), (4, None, "board", "running"),
    (10, 10, "board", "published"), (9, 10, "board", "running")])
def test_a_village_notice_hangs_ten_days_the_day_of_posting_not_counted(desk, start, days, channel, state):
    notice(desk, desk.project("A"), start=start, days=days, channel=channel)

    assert states(desk, "project") == {"A": state}


@pytest.mark.req("R149")
@pytest.mark.parametrize(("channel", "days", "state"), [
    ("website", None, "published"), ("website", 30, "short"), ("board", 20, "short")])
def test_a_county_publishes_on_the_web_for_good(desk, channel, days, state):
    notice(desk, desk.project("A", area=COUNTY), start=60, days=days, channel=channel)

    assert states(desk, "project") == {"A": state}


@pytest.mark.req("R149")
def test_before_the_rule_held_any_notice_was_enough(desk):
    oversight.publish(Publication(project=desk.project("A"), what="project", channel="board", from_on=day("2017-03-01"),
                                  to_on=day("2017-03-04"), evidence="照片"), desk.clerk)

    assert states(desk, "project") == {"A": "published"}


@pytest.mark.req("R148")
def test_an_entry_made_by_mistake_counts_no_more_and_stays(desk):
    made = notice(desk, desk.project("A"))
    with pytest.raises(Refused, match="请写明作废的原因"):
        oversight.withdraw(made, desk.clerk, reason=" ")
    oversight.withdraw(made, desk.clerk, reason="登记到了别的项目")

    assert states(desk, "project") == {"A": "missing"}
    assert fresh(made).history.count() == 2


@pytest.mark.req("R149")
def test_every_division_of_a_document_is_to_be_public(desk):
    account = desk.appropriation("1000")
    first = desk.approve(desk.transfer(account, "300"))
    desk.approve(desk.transfer(fresh(account), "200", to="441424103000"))        # same day: the same division
    later = desk.approve(desk.transfer(fresh(account), "100", on="2017-04-10"))
    undone = desk.approve(desk.transfer(fresh(account), "50", on="2017-05-10"))
    desk.approve(actions.record_reversal(desk.clerk, movement=undone, on=day("2017-05-11"), reason="分错"))

    rows = {row.pk: row for row in publicity.due(view(desk), "allocation", TODAY)}
    assert {pk: (row.divided, row.publicity) for pk, row in rows.items()} == {
        first.pk: (500, "missing"), later.pk: (100, "missing")}

    told_of = oversight.notice_of_division(rows[first.pk])
    told_of.channel, told_of.place, told_of.from_on, told_of.evidence = "website", "县政府网站", ago(5), "https://example.invalid/1"
    oversight.publish(told_of, desk.clerk)
    assert states(desk, "allocation") == {first.pk: "published", later.pk: "missing"}


def test_the_figures_by_place_are_those_of_the_list(desk, django_assert_max_num_queries):
    notice(desk, desk.project("A")), desk.project("B"), desk.project("C", area="441424103001")
    with django_assert_max_num_queries(3):
        places, total = publicity.tally(view(desk), "project", TODAY)

    assert {one.code: (one.due, one.open) for one in places} == {TOWN: (2, 1), "441424103000": (1, 1)}
    assert (total.due, total.missing, total.published) == (3, 2, 1)
    assert states(desk, "project", area=TOWN) == {"A": "published", "B": "missing"}


@pytest.mark.req("R148", "R149")
def test_from_the_list_to_the_notice_and_back(desk, client_of):
    project = desk.project("A", name="油茶基地")
    client = client_of("town_clerk", TOWN)
    page = client.get("/funds/supervision/")
    assert "油茶基地" in words(page)
    assert "未公示" in words(page)
    assert "登记公示" in words(page)

    address = f"/funds/projects/{project.pk}/publicity/project/"
    form = {"channel": "board", "place": "", "from_on": str(ago(20)), "to_on": str(ago(21)), "evidence": "照片"}
    refused = client.post(address, form)
    assert refused.status_code == 422
    assert "公示止不能早于公示起" in words(refused)
    assert "请写明贴在哪里" in words(refused)
    web = client.post(address, form | {"channel": "website", "to_on": ""})
    assert "请填网址" in words(web)
    client.post(address, form | {"place": "村委会", "to_on": str(ago(8)), "names_hotline": "on"})
    assert Publication.objects.get().area_id == project.area_id

    assert "没有符合条件的事项" in words(client.get("/funds/supervision/", {"state": "open"}))
    sheet = words(client.get(f"/funds/projects/{project.pk}/"))
    assert "村委会 · 照片" in sheet
    assert "已公布" in sheet
    publication = Publication.objects.get()
    assert "请写明作废的原因" in told(client.post(f"/funds/supervision/publications/{publication.pk}/withdraw/", {"reason": ""}))
    client.post(f"/funds/supervision/publications/{publication.pk}/withdraw/", {"reason": "重复"})
    assert client.get(f"/funds/supervision/publications/{publication.pk}/").status_code == 404


def test_who_only_reads_enters_nothing(desk, client_of):
    project = desk.project("A")
    auditor = client_of("auditor", COUNTY)

    assert "登记公示" not in words(auditor.get("/funds/supervision/"))
    assert auditor.get(f"/funds/projects/{project.pk}/publicity/project/").status_code == 403
    elsewhere = client_of("town_clerk", "441424103000")
    assert elsewhere.get(f"/funds/projects/{project.pk}/publicity/project/").status_code == 404


@pytest.mark.req("R148", "R149")
def test_the_list_is_taken_away_as_a_workbook(desk):
    notice(desk, desk.project("A"), days=5), desk.project("B")
    answer = browser(desk.chief).get("/funds/supervision/publicity/export/", {"state": "open"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    rows = [[cell for cell in row] for row in sheet.iter_rows(values_only=True)]

    assert rows[2][:4] == ["项目", "项目编码", "地点", "实施单位"]
    assert {(row[1], row[5]) for row in rows[3:]} == {("A", "公示不足"), ("B", "未公示")}
    assert "条件：未公示或公示不足" in rows[1][0]


def test_the_clause_is_named_and_its_document_opened(desk):
    page = browser(desk.clerk).get("/funds/supervision/", {"what": "effect"})
    assert "关于完善扶贫资金项目公告公示制度的指导意见" in words(page)
    assert "四(二)4" in words(browser(desk.clerk).get("/funds/supervision/"))

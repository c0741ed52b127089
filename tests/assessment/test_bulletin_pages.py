"""Bulletins in the browser: who sees them, drafting, reading, issuing for good, withdrawing, correcting; the schedule."""
import datetime
import re

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from assessment import engine
from assessment.bulletin import actions as bulletin_actions
from assessment.models import Bulletin, Run
from assessment.tasks import draft_bulletins, render_bulletin
from office.models import Area, AuditEvent, Job, Programme
from tests.factories import VILLAGE, make_household, make_village

COUNTY = "441424000000"
NUMBER, ISSUED = "五扶办〔2019〕3号", "2019-03-08"      # the figure of 2018 is known since 2019-02-28


@pytest.fixture(autouse=True)
def _plain_paper(monkeypatch):
    """Setting type is proven elsewhere and takes seconds; here the text itself stands for the file."""
    monkeypatch.setattr(bulletin_actions, "render_counted", lambda document: (repr(document).encode(), 3))


@pytest.fixture
def run(db):
    other = Area.objects.filter(level="village", code__startswith="441424103").first().code
    make_household(VILLAGE, serial=1, wage_income=20000)
    make_household(VILLAGE, serial=2, wage_income=10, housing_secure=False)
    make_household(other, wage_income=30000, medical_secure=None)
    make_village(VILLAGE, income="9000")
    made = engine.prepare(programme=Programme.objects.get(pk="MZ2016"), year=2018)
    engine.execute(made)
    return Run.objects.select_related("programme", "area").get(pk=made.pk)


@pytest.fixture
def draft(run):
    return drafted(run)


def drafted(run, **options) -> Bulletin:
    area = Area.objects.select_related("parent").get(pk=COUNTY)
    return bulletin_actions.keep(bulletin_actions.make(run, area, "2018Q3", **options))


@pytest.fixture
def issued(draft, officer):
    return bulletin_actions.issue(draft, number=NUMBER, on=datetime.date(2019, 3, 8), by=officer("county_office", COUNTY))


@pytest.fixture
def office(client_of):
    return client_of("county_office", COUNTY)


def page(name: str, bulletin: Bulletin) -> str:
    return reverse(f"assessment:{name}", args=[bulletin.pk])


def test_only_the_own_area_is_listed_and_found(draft, office, client_of):
    neighbour = client_of("county_office", "441422000000")
    leader = client_of("county_leader", COUNTY)

    assert draft.title in office.get(reverse("assessment:bulletins")).content.decode()
    assert draft.title in leader.get(reverse("assessment:bulletins")).content.decode()
    assert draft.title not in neighbour.get(reverse("assessment:bulletins")).content.decode()
    for name in ("bulletin", "bulletin_file"):
        assert neighbour.get(page(name, draft)).status_code == 404
        assert office.get(page(name, draft)).status_code == 200
    for name in ("bulletin_issue", "bulletin_withdraw"):
        assert neighbour.post(page(name, draft)).status_code == 404
        assert leader.post(page(name, draft)).status_code == 403


def test_an_empty_list_says_what_to_do(db, office):
    assert "有了考核计算结果就可以起草" in office.get(reverse("assessment:bulletins")).content.decode()


@pytest.mark.req("R302")
def test_drafting_is_a_job_that_leads_to_the_preview(run, office, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = office.post(reverse("assessment:bulletin_new"), {
            "area": COUNTY, "programme": "MZ2016", "period": "2018Q3", "run": "", "issuer": "五华县扶贫开发局",
            "dated": "2019-03-04", "report_by": "2019-04-30"})

    job = Job.objects.get(task="assessment.tasks.render_bulletin")
    assert answer.url == reverse("office:job", args=[job.pk])
    bulletin = Bulletin.objects.get()
    assert (job.state, job.link) == ("done", page("bulletin", bulletin))
    assert bulletin.made_by == office.officer
    assert bulletin.content["document"]["issuer"] == "五华县扶贫开发局文件"
    # Dates asked for are kept, the others counted from the day of issue.
    assert bulletin.content["terms"] == {"dated": "2019-03-04", "verify_by": "2019-03-18", "rectify_by": "2019-04-01",
                                         "report_by": "2019-04-30"}
    assert AuditEvent.objects.get(action="起草通报").officer == office.officer


@pytest.mark.parametrize(("changes", "field", "sentence"), [
    ({"run": "999999"}, "run", ""), ({"area": "441422000000"}, "area", ""), ({"period": "2030Q1"}, "period", ""),
    ({"dated": "2018-10-08"}, "dated", "应在2019-02-28（季度结束且所用统计数已公布）以后"),
    ({"verify_by": "2018-01-01"}, "verify_by", "应晚于2019-03-07（拟印发日期）"),
    ({"programme": "MZ2016", "period": "2017Q4"}, "period", "")])
def test_a_draft_that_cannot_be_is_said_at_its_field(run, office, changes, field, sentence):
    asked = {"area": COUNTY, "programme": "MZ2016", "period": "2018Q3"} | changes

    answer = office.post(reverse("assessment:bulletin_new"), asked)

    assert answer.status_code == 200
    assert sentence in answer.context["form"].errors[field][0]
    assert not Job.objects.exists()


def test_every_figure_of_the_preview_opens_its_list(draft, office):
    content = office.get(page("bulletin", draft)).content.decode()

    addresses = {address.replace("&amp;", "&") for address in re.findall(r'<a href="(/[^"#]+)">', content)
                 if "/households/" in address or "poor-villages" in address}
    assert any("unmet=income" in address for address in addresses)
    assert any("unknown=medical" in address for address in addresses)
    assert any("poor-villages" in address for address in addresses)
    for address in addresses:
        assert office.get(address).status_code == 200, address
    assert "⟦" not in content


def test_a_figure_and_its_list_agree(draft, office):
    content = office.get(page("bulletin", draft)).content.decode()
    address, count = re.search(r'<a href="([^"]*status=not_met)">(\d+)户', content).groups()

    listed = office.get(address.replace("&amp;", "&")).context

    assert listed["total"].households == int(count) == draft.run.counts["households"]["not_met"]


@pytest.mark.req("R302")
def test_issuing_writes_number_and_date_and_freezes(draft, office, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = office.post(page("bulletin_issue", draft), {"number": "五扶办[2019]3号", "on": ISSUED})

    assert answer.status_code == 302
    draft.refresh_from_db()
    assert (draft.state, draft.number, draft.issued_by) == ("issued", NUMBER, office.officer)
    assert str(draft.issued_on) == ISSUED
    said = office.get(page("bulletin_file", draft)).content.decode()
    assert NUMBER in said
    assert "datetime.date(2019, 3, 8)" in said
    assert AuditEvent.objects.get(action="印发通报").detail["number"] == NUMBER
    assert "撤回草稿" not in office.get(page("bulletin", draft)).content.decode()


@pytest.mark.parametrize(("number", "on", "sentence"), [
    ("五扶办3号", ISSUED, "六角括号"), ("五扶办〔2018〕3号", ISSUED, "与印发日期2019年不一致"),
    ("五扶办〔2019〕03号", ISSUED, "不编虚位"), (NUMBER, "2019-02-27", "2019年2月28日才公布"),
    ("五扶办〔2018〕3号", "2018-09-30", "结束以后"), (NUMBER, "2019-03-25", "第一个整改期限"),
    ("五扶办〔2090〕3号", "2090-01-01", "不能晚于今天")])
def test_an_issue_that_cannot_stand_is_refused_with_the_remedy(draft, office, number, on, sentence):
    answer = office.post(page("bulletin_issue", draft), {"number": number, "on": on})

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Job.objects.exists()


def test_a_number_is_used_once_and_a_quarter_issued_once(run, issued, office):
    second = drafted(run)

    again = office.post(page("bulletin_issue", second), {"number": NUMBER, "on": ISSUED}).content.decode()
    other = office.post(page("bulletin_issue", second), {"number": "五扶办〔2019〕4号", "on": ISSUED}).content.decode()

    assert f"字号{NUMBER}已经用过" in again
    assert f"本期通报已印发（{NUMBER}）" in other


@pytest.mark.req("R302")
def test_the_database_refuses_to_change_or_delete_what_is_issued(issued):
    for write in (lambda: Bulletin.objects.filter(pk=issued.pk).update(title="另一个标题"),
                  lambda: Bulletin.objects.filter(pk=issued.pk).update(state="draft"),
                  lambda: Bulletin.objects.filter(pk=issued.pk).delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            write()
    issued.refresh_from_db()
    assert issued.state == "issued"


def test_a_draft_is_withdrawn_with_a_reason_that_stays(draft, office):
    without = office.post(page("bulletin_withdraw", draft), {"reason": " "}, follow=True)
    assert "请写明撤回原因" in without.content.decode()

    office.post(page("bulletin_withdraw", draft), {"reason": "住房数据要复核"})

    draft.refresh_from_db()
    assert draft.state == "withdrawn"
    assert "住房数据要复核" in office.get(page("bulletin", draft)).content.decode()
    assert AuditEvent.objects.get(action="撤回通报").detail["reason"] == "住房数据要复核"
    assert office.post(page("bulletin_issue", draft), {"number": NUMBER, "on": ISSUED}).status_code == 422


def test_an_issued_one_is_not_withdrawn_but_corrected(issued, office, django_capture_on_commit_callbacks):
    office.post(page("bulletin_withdraw", issued), {"reason": "写错了"})
    new = f"{reverse('assessment:bulletin_new')}?corrects={issued.pk}"
    with django_capture_on_commit_callbacks(execute=True):
        office.post(new, {"area": COUNTY, "programme": "MZ2016", "period": "2018Q3"})

    issued.refresh_from_db()
    correction = Bulletin.objects.exclude(pk=issued.pk).get()
    assert issued.state == "issued"
    assert (correction.state, correction.revision) == ("draft", 1)
    assert correction.title.endswith("（更正）")
    assert f"（{NUMBER}）数据经核实予以更正" in correction.content["document"]["lead"][0]["text"]
    bulletin_actions.issue(correction, number="五扶办〔2019〕5号", on=datetime.date(2019, 3, 11), by=office.officer)
    assert "这份通报已被更正" in office.get(page("bulletin", issued)).content.decode()
    assert office.get(new).status_code == 404


def test_a_lost_or_altered_file_is_set_again_from_the_content(issued, office, settings):
    path = settings.MEDIA_ROOT / issued.file
    before = path.read_bytes()
    for damage in (lambda: path.write_bytes(b"something else"), path.unlink):
        damage()
        assert office.get(page("bulletin_file", issued)).content == before
    assert path.read_bytes() == before
    assert AuditEvent.objects.filter(action="下载通报").count() == 2


def test_a_file_that_cannot_be_made_again_is_not_passed_off_as_the_issued_one(issued, office, settings, monkeypatch):
    (settings.MEDIA_ROOT / issued.file).unlink()
    monkeypatch.setattr(bulletin_actions, "render_counted", lambda document: (b"other fonts", 3))

    answer = office.get(page("bulletin_file", issued))

    assert answer.status_code == 404
    assert "请从备份恢复" in answer.content.decode()


@pytest.mark.req("R302")
def test_the_schedule_drafts_the_quarter_that_ended_once(run, django_capture_on_commit_callbacks):
    drafted(run)      # the county had a bulletin before; the run itself is the city's

    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            draft_bulletins("2019-01-01")

    made = Bulletin.objects.filter(period="2018Q4")
    assert sorted(made.values_list("area_id", flat=True)) == ["441400000000", COUNTY]
    assert set(made.values_list("state", flat=True)) == {"draft"}
    assert set(made.values_list("made_by", flat=True)) == {None}


def test_the_schedule_owes_nothing_without_runs_of_the_year(run):
    assert list(bulletin_actions.drafts_due(datetime.date(2018, 1, 1))) == []


def test_a_job_delivered_twice_drafts_once(run, office, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        office.post(reverse("assessment:bulletin_new"), {"area": COUNTY, "programme": "MZ2016", "period": "2018Q3"})
    job = Job.objects.get()
    Job.objects.filter(pk=job.pk).update(state="queued")

    render_bulletin(job.pk)

    job.refresh_from_db()
    assert (job.state, Bulletin.objects.count()) == ("done", 1)
